"""Labels and forms as frozen content: everything looked up and put into words, ready to be drawn."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.tubes import questions_of
from lab_contingency.catalogue.rules.vocabulary import Container, Question, Test
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import count_text, day_time_text, full_time_text
from lab_contingency.incidents.queries import open_incident
from lab_contingency.places.rules import TubeSystem
from lab_contingency.printing import content
from lab_contingency.printing.content.sheets import RejectionSlip
from lab_contingency.requests.models import PlannedTube
from lab_contingency.requests.queries import PatientView, RequestView, TestView, planned_tubes
from lab_contingency.requests.rules.bands import BANDS, Band
from lab_contingency.requests.rules.beds import bed_words
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens.queries.rejected import RejectedTube
from lab_contingency.specimens.queries.tubes import TubeView, tube_colour
from lab_contingency.specimens.rules import refuse_patient_label

TITLE = "Urgent pathology request"
_TRANSPORT_NOTES = (("ice", "ON ICE"), ("dark", "KEEP DARK"))
_NOT_DONE = (TestStatus.WITHDRAWN, TestStatus.DECLINED)
_BLANK_QUESTIONS = ("transfused_or_pregnant_3_months", "dose_time", "ingestion_time")


def tube_label(
    request: RequestView,
    tube: PlannedTube,
    tests: Sequence[Test],
    number: str,
    copy_reason: str | None = None,
) -> content.TubeLabel:
    """Make the printed patient label of one tube. RuleBroken for a transfusion tube: it gets none."""
    refuse_patient_label(tube.container, tests, by_hand=tube.by_hand)
    system = request.ward.site.tube_system
    return content.TubeLabel(
        number=number,
        patient=patient(request.patient),
        priority=request.band.value,
        priority_word=request.band.word,
        tube_colour=tube_colour(tube, system),
        tube_detail=_detail(catalogue().container(tube.container), system),
        draw_order=f"tube {tube.ordinal}",
        tests=", ".join(test.label for test in tests),
        ward=request.ward.name,
        bed=bed_words(request.bed),
        notes=_notes(tests),
        tests_if_long=f"{count_text(len(tests), 'test')}, see form",
        test_mark=node.this_node().demonstration,
        copy_reason=copy_reason,
    )


def number_label(
    tube: PlannedTube,
    tests: Sequence[Test],
    system: TubeSystem,
    number: str,
    copy_reason: str | None = None,
) -> content.NumberOnlyLabel:
    """Make the label that the laboratory puts on an accepted handwritten tube: no patient on it."""
    names = ", ".join(test.label for test in tests)
    return content.NumberOnlyLabel(
        number=number,
        lines=(f"tube {tube.ordinal} {tube_colour(tube, system)}", names),
        test_mark=node.this_node().demonstration,
        copy_reason=copy_reason,
    )


def handwritten(
    tube: PlannedTube, tests: Sequence[Test], system: TubeSystem
) -> content.HandwrittenTube:
    """Make the note that stands on the form in place of a label."""
    names = ", ".join(test.label for test in tests)
    return content.HandwrittenTube(f"tube {tube.ordinal}", tube_colour(tube, system), names)


def request_form(
    request: RequestView,
    labels: Iterable[content.TubeLabel | content.HandwrittenTube],
    *,
    actor: Actor,
    copy: int = 1,
    copy_reason: str | None = None,
    mark: str = "",
) -> content.RequestForm:
    """Make the filled form, with the labels that come out with it at its foot."""
    site = request.ward.site
    tests = [view.test for view in request.tests if view.status not in _NOT_DONE]
    return content.RequestForm(
        number=request.number,
        title=TITLE,
        place=_place(site.name),
        made=replace(made_by(actor, copy, copy_reason), mark=mark),
        patient=patient(request.patient),
        requester=content.Requester(
            ward=request.ward.name,
            bed=request.bed,
            phone_result_to=request.callback,
            requested_by=request.requested_by,
            consultant=request.consultant,
            slip_goes_to=request.destination.name,
        ),
        tube_system=_system_words(site.tube_system),
        groups=_groups(site.tube_system, request.tests),
        bands=_bands(request.band),
        reason=request.reason,
        needed_by=day_time_text(request.needed_by),
        clinical_details=request.clinical_details,
        anticoagulant=request.anticoagulant,
        infection_risk=request.infection_risk,
        collection=content.Collection(
            taken=day_time_text(request.collected_at) if request.collected_at else "",
            taken_by=request.collected_by,
            how=request.collection_method if request.collected_at else "",
        ),
        answers=_answers(questions_of(tests), request),
        labels=tuple(labels),
        tubes=_ordinals(request, tests),
    )


def _ordinals(request: RequestView, tests: Iterable[Test]) -> tuple[int, ...]:
    """Number the tubes that a test still waits for, without those taken again."""
    wanted = {test.code for test in tests}
    tubes = planned_tubes(request.id)
    replaced = {tube.replaces_id for tube in tubes}
    return tuple(
        tube.ordinal
        for tube in tubes
        if tube.id not in replaced and wanted.intersection(tube.test_codes)
    )


def blank_form(place: str, system: TubeSystem) -> content.BlankRequestForm:
    """Make the card to fill by hand: no patient, no number, nothing that needs a sign-in."""
    questions = catalogue().questions
    return content.BlankRequestForm(
        number=None,
        title=TITLE,
        place=_place(place),
        made=content.PrintedBy(
            f"printed {full_time_text(clock.now())}",
            "blank card",
            test_mark=node.this_node().demonstration,
        ),
        tube_system=_system_words(system),
        groups=_groups(system, ()),
        bands=_bands(None),
        questions=tuple(questions[key].wording for key in _BLANK_QUESTIONS),
    )


def patient(view: PatientView) -> content.PatientIdentity:
    """Say who it is, the same on every paper."""
    return content.PatientIdentity(
        view.surname, view.forenames, view.born, view.sex, view.nhs_number, view.hospital_number
    )


def _detail(container: Container, system: TubeSystem) -> str:
    amount, _, _ = container.millilitres(system).partition(" ")
    return f"{container.name} {amount} mL" if amount else container.name


def _notes(tests: Iterable[Test]) -> str:
    held = [test.transport for test in tests]
    return ", ".join(
        note
        for word, note in _TRANSPORT_NOTES
        if any(transport.startswith(word) for transport in held)
    )


def _place(place: str) -> str:
    incident = open_incident()
    return f"{place} · incident {incident.number}" if incident else place


def made_by(actor: Actor, copy: int, copy_reason: str | None) -> content.PrintedBy:
    """Say who prints which copy now, and why if again."""
    return content.PrintedBy(
        printed=f"printed {full_time_text(clock.now())} by {actor.name}",
        copy_number=f"copy {copy}",
        copy_reason=copy_reason,
        test_mark=node.this_node().demonstration,
    )


def _system_words(system: TubeSystem) -> str:
    return f"{system.value} colours"


def _groups(system: TubeSystem, asked: Some[TestView]) -> tuple[content.TestGroup, ...]:
    held = {view.test.code: view for view in asked if view.status not in _NOT_DONE}
    return tuple(
        content.TestGroup(
            heading.heading, tuple(_test_line(test, system, held) for test in heading.tests)
        )
        for column in catalogue().card_columns
        for heading in column
    )


def _test_line(test: Test, system: TubeSystem, held: dict[str, TestView]) -> content.TestLine:
    view = held.get(test.code)
    again = f"again: {view.asked_again}" if view and view.asked_again else ""
    colour = catalogue().container(test.container).colour(system)
    return content.TestLine(test.label, colour, ticked=view is not None, message=again)


def _bands(ticked: Band | None) -> tuple[content.UrgencyBand, ...]:
    return tuple(
        content.UrgencyBand(
            band.value, facts.word, _short(facts.meaning), facts.promise, ticked=band is ticked
        )
        for band, facts in BANDS.items()
    )


def _short(meaning: str) -> str:
    """Keep the first words of a band’s meaning: the form has one line for it."""
    first, _, _ = meaning.partition(",")
    return first.partition(":")[0]


def _answers(questions: Iterable[Question], request: RequestView) -> tuple[content.Answer, ...]:
    """Answer what the tests ask; what a box of the card holds already is not asked twice."""
    return tuple(
        content.Answer(question.wording, request.answers.get(question.key, ""))
        for question in questions
        if not question.field
    )


def rejection_slip(
    request: RequestView, tube: TubeView, rejected: RejectedTube, made: content.PrintedBy
) -> RejectionSlip:
    """Make the slip of a rejected tube: what, why in words, what to do now."""
    incident = open_incident()
    laboratory = f"{rejected.place} · incident {incident.number}" if incident else rejected.place
    return RejectionSlip(
        number=tube.number or request.number,
        title="Tube rejected",
        laboratory=laboratory,
        status=_rejected_status(tube),
        patient=patient(request.patient),
        to=request.place,
        asked_by=request.requested_by,
        priority=request.band.text,
        tube=_tube_words(tube),
        tests=tube.test_words,
        taken=day_time_text(tube.collected_at) if tube.collected_at else "time not known",
        rejected=day_time_text(rejected.at),
        rejected_by=rejected.by_name,
        why=_sentence(rejected.reason.words),
        note=rejected.note,
        next_steps=_next_steps(request, tube, rejected),
        made=made,
        request_number=request.number_text,
    )


def _rejected_status(tube: TubeView) -> str:
    if tube.replaced:
        return "A new tube is planned already"
    return "To be taken again" if tube.wanted else "No test waits for it any more"


def _tube_words(tube: TubeView) -> str:
    parts = (
        f"Tube {tube.ordinal}",
        f"{tube.container.colour_name} {tube.container.additive}".strip(),
    )
    return ", ".join(parts) + ("" if tube.number else ", written by hand: number of the form")


def _next_steps(request: RequestView, tube: TubeView, rejected: RejectedTube) -> tuple[str, ...]:
    """What the ward does now, in order, in words."""
    if not tube.wanted:
        return ("Nothing: the tests were withdrawn or declined.",)
    steps = [rejected.reason.advice]
    if tube.replaced:
        steps.append("A new tube is planned: print its label, or the recollection form.")
    else:
        steps.append("Ask for a new tube: “Take it again” on the screen, or a blank form by hand.")
    if tube.by_hand:
        steps.append("Write the new tube by hand beside the patient. It gets no printed label.")
    else:
        steps.append("Use the new label. The number of this tube is not used again.")
    steps.append(f"Needed by {day_time_text(request.needed_by)}. Send it at once when it is taken.")
    return tuple(step for step in steps if step)


def recollection_form(
    form: content.RequestForm, tube: TubeView, rejected: RejectedTube, system: TubeSystem
) -> content.RequestForm:
    """Make the form that goes with a tube taken again: its tests alone are ticked, and why stands at the top."""
    mine = {
        (test.label, catalogue().container(test.container).colour(system)) for test in tube.tests
    }
    groups = tuple(
        replace(
            group,
            tests=tuple(
                replace(line, ticked=line.ticked and (line.name, line.tube) in mine)
                for line in group.tests
            ),
        )
        for group in form.groups
    )
    why = _sentence(rejected.reason.words)
    return replace(
        form,
        title="Request, taken again",
        groups=groups,
        again=f"TAKEN AGAIN because tube {rejected.ordinal} was rejected. {why}. {rejected.reason.advice}",
        collection=content.Collection("", "", ""),
        tubes=(tube.ordinal,),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def fields_on(
    paper: content.TubeLabel | content.NumberOnlyLabel | content.RequestForm | RejectionSlip,
) -> Field:
    """Say which kinds of a patient's data stand on a label or form."""
    match paper:
        case content.NumberOnlyLabel():
            return Field.TESTS
        case content.TubeLabel():
            shown = paper.patient
            one = replace(shown, hospital_number=None) if shown.nhs_number else shown
            return identity_fields(one) | Field.PLACE | Field.TESTS
        case RejectionSlip():
            found = identity_fields(paper.patient) | Field.PLACE | Field.TESTS | Field.CONTACT
            return found | Field.REMARKS
        case content.RequestForm():
            found = identity_fields(paper.patient) | Field.PLACE | Field.TESTS | Field.CONTACT
            return found | _told_on(paper)


def _told_on(form: content.RequestForm) -> Field:
    """Say what of a form depends on what was written."""
    said = (form.clinical_details, form.anticoagulant, form.infection_risk, form.reason)
    answers = (answer.answer for answer in form.answers)
    clinical = Field.CLINICAL if any((*said, *answers)) else NO_FIELD
    again = form.again or any(line.message for group in form.groups for line in group.tests)
    return clinical | (Field.REMARKS if again else NO_FIELD)


def identity_fields(patient: content.PatientIdentity) -> Field:
    """Say which of the identifiers are given."""
    found = Field.NAME | Field.BORN | Field.SEX
    found |= Field.NHS_NUMBER if patient.nhs_number else Field(0)
    return found | (Field.HOSPITAL_NUMBER if patient.hospital_number else Field(0))
