"""A batch of packs as frozen content: forms with their labels, and the guides that stand once above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab_contingency.catalogue.queries import catalogue, critical_limits, intervals
from lab_contingency.catalogue.rules.judging import ADULT
from lab_contingency.catalogue.rules.tubes import PINK
from lab_contingency.catalogue.rules.vocabulary import Container, Discipline, Interval, Test
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import count_text, date_text, full_time_text
from lab_contingency.incidents.queries import MenuGroup, open_incident, todays_menu
from lab_contingency.incidents.rules import for_tube, grouped, pack_number
from lab_contingency.places.queries import (
    LaboratoryView,
    WardView,
    working_laboratories,
    working_wards,
)
from lab_contingency.places.rules import TubeSystem
from lab_contingency.printing import content, pack_content
from lab_contingency.requests.packs.rules import SPARES, USE_OF_LABEL
from lab_contingency.requests.queries.unidentified import PreparedName
from lab_contingency.specimens.documents import blank_form

_STEPS = (
    ("One pack, one patient", "Take the top form and the strip with the same number. Never copy a form: its number is used once."),
    ("Write from the wristband, in capitals", "Surname, forename, date of birth, NHS number. No wristband, nobody knows who it is? Use the next name of the page “Nobody knows who it is?”."),
    ("Tick tests, urgency and reason; say whom to ring", "Look at the menu page: what is not offered says what to ask for instead. Write your name, bleep, and the time."),
    ("Fill the tubes in the order of the guide", "Stick each label on beside the patient, after filling. On every label write name, date of birth, number, time. The label names its tube: no other."),
    ("Another tube? Take a label from the strip", "Write on it which tube it is."),
    ("{transfusion} tube, for transfusion: no printed label at all", "Write the tube by hand beside the patient, every line. Blood may be given by it."),
    ("Form and tubes into one bag; a number into the notes", "The label “for the notes” and the ward’s copy let you ask where it is."),
    ("Spoilt, torn, or one too many?", "Write VOID across it and give it back to the porter. Every number must be accounted for."),
)  # fmt: skip
_NEVER = (
    "A tube without name, date of birth and number on it is not analysed.",
    "When computers work again somebody keys the form. The number stays; nothing is printed again.",
)
_NOTES = ("for the ward’s book", "for the ward’s copy")


def pack_batch(
    place: WardView,
    numbers: Sequence[str],
    names: Iterable[PreparedName],
    *,
    actor: Actor,
    mark: str,
) -> pack_content.PackBatch:
    """Everything on the sheets of one batch; it names no patient."""
    system = place.site.tube_system
    made = content.PrintedBy(
        printed=f"printed {full_time_text(clock.now())} by {actor.name}",
        copy_number="copy 1",
        test_mark=node.this_node().demonstration,
        mark=mark,
    )
    ends = (
        f"{grouped(numbers[0])} to {grouped(numbers[-1])}" if numbers[1:] else grouped(numbers[0])
    )
    return pack_content.PackBatch(
        ward=place.name,
        place=_place(place),
        made=made,
        summary=f"{place.site.name} · {count_text(len(numbers), 'pack')}, {ends}",
        steps=_steps(system),
        never=_NEVER,
        tube_system=f"{system.value} tubes",
        menu_at=full_time_text(clock.now()),
        menu=tuple(_section(group) for group in todays_menu(place.site.id)),
        draw=_draw_order(system),
        telephones=_telephones(place),
        names=tuple(pack_content.Name(each.surname, each.forename, each.number) for each in names),
        packs=tuple(_pack(place, number, made) for number in numbers),
        intervals=_intervals(place),
    )


def _steps(system: TubeSystem) -> tuple[pack_content.Step, ...]:
    """The instructions in the colours of the site."""
    held = catalogue().container(PINK)
    amount = held.millilitres(system).partition(" ")[0]
    named = f"{held.colour(system).capitalize()} {amount} mL"
    return tuple(
        pack_content.Step(heading.format(transfusion=named), words) for heading, words in _STEPS
    )


def _place(place: WardView) -> str:
    incident = open_incident()
    name = f"{place.site.name}, {place.name}"
    return f"{name} · incident {incident.number}" if incident else name


def _pack(place: WardView, number: str, made: content.PrintedBy) -> pack_content.Pack:
    system = place.site.tube_system
    blank = blank_form(place.site.name, system)
    form = replace(
        blank,
        number=number,
        made=replace(made, copy_number="pack"),
        labels=tuple(_tube_labels(number, system)),
        ward=place.name,
        lead="Goes with the tubes. One number, one patient: never copy this form.",
    )
    return pack_content.Pack(form, f"{grouped(number)} · {place.name}", _strip(place, number))


def _tube_labels(number: str, system: TubeSystem) -> Iterable[content.WriteOnLabel]:
    for tube, use in USE_OF_LABEL.items():
        held = catalogue().container(use.container)
        additive, _, _ = held.name.partition(" ")
        caption = f"{tube} {held.colour(system)} {additive}, {use.purpose}"
        yield _write_on(number, tube, caption)


def _write_on(number: str, tube: int, caption: str) -> content.WriteOnLabel:
    return content.WriteOnLabel(
        number=for_tube(number, tube), caption=caption, test_mark=node.this_node().demonstration
    )


def _strip(place: WardView, number: str) -> tuple[pack_content.StripLabel, ...]:
    """The pack's own number first, spares, the note about transfusion, numbers for the ward."""
    test_mark = node.this_node().demonstration
    pink = catalogue().container(PINK).colour(place.site.tube_system)
    of_pack = content.NumberOnlyLabel(
        pack_number(number), ("pack: void or look up by this", place.name), test_mark
    )
    spares = (_write_on(number, tube, "for ________") for tube in SPARES)
    by_hand = content.HandwrittenTube("transfusion", pink, "group, crossmatch: hand-write")
    notes = (content.NumberOnlyLabel(number, (words,), test_mark) for words in _NOTES)
    return (of_pack, *spares, by_hand, *notes)


def _section(group: MenuGroup) -> pack_content.MenuSection:
    return pack_content.MenuSection(
        heading=group.words,
        offered=tuple(test.name for test in group.offered),
        stopped=tuple(
            pack_content.MenuStop(line.test.name, line.stop.sentence) for line in group.stopped
        ),
    )


def _draw_order(system: TubeSystem) -> tuple[pack_content.DrawStep, ...]:
    held = catalogue()
    in_order = sorted(
        (each for each in held.containers.values() if each.draw_order is not None),
        key=lambda each: each.draw_order or 0,
    )
    used = [container for container in in_order if _tests_in(container)]
    return tuple(
        _draw_step(str(order), container, system) for order, container in enumerate(used, 1)
    )


def _tests_in(container: Container) -> tuple[Test, ...]:
    return tuple(test for test in catalogue().tests.values() if test.container == container.code)


def _draw_step(order: str, container: Container, system: TubeSystem) -> pack_content.DrawStep:
    by_hand = container.code == PINK
    amount, _, more = container.millilitres(system).partition(" ")
    return pack_content.DrawStep(
        order=order,
        shape=container.shape.value,
        colour=container.colour(system),
        additive=container.additive,
        amount=f"{amount} mL {more}".strip() if amount else "",
        tests=", ".join(test.label for test in _tests_in(container)),
        label="NO LABEL: written by hand" if by_hand else _labels_of(container),
        by_hand=by_hand,
    )


def _labels_of(container: Container) -> str:
    """Which labels of the pack go on it: “label 4 glucose, 5 lactate ON ICE; others from the strip”."""
    own = [
        f"{tube} {use.purpose}"
        for tube, use in USE_OF_LABEL.items()
        if use.container == container.code
    ]
    groups = {test.tube_group for test in _tests_in(container)}
    if not own:
        return "label from the strip"
    more = "; others from the strip" if len(groups) > len(own) else ""
    return f"label {', '.join(own)}{more}"


def _intervals(place: WardView) -> pack_content.Intervals | None:
    """What is usual at the laboratory that the ward rings first; None where it holds no intervals."""
    own = _own_laboratories(place)
    if not own:
        return None
    today = clock.london(clock.now()).date()
    usual, limits = intervals(own[0].id, today), critical_limits(own[0].id, today)
    tests = catalogue().tests
    sections: dict[Discipline, list[pack_content.IntervalLine]] = {each: [] for each in Discipline}
    for analyte in catalogue().analytes.values():
        said = _said_by_sex(usual.get((analyte.code, "M")), usual.get((analyte.code, "F")))
        limit = limits.get(analyte.code)
        if not said and limit is None:
            continue
        line = pack_content.IntervalLine(
            analyte.name, analyte.unit, said, limit.words if limit else ""
        )
        sections[tests[analyte.tests[0]].discipline].append(line)
    held = {discipline: lines for discipline, lines in sections.items() if lines}
    if not held:
        return None
    whose = (
        f"{own[0].name}, as of {date_text(today)}. Intervals from {ADULT} years on: "
        "for children ring the laboratory."
    )
    return pack_content.Intervals(
        whose,
        tuple(pack_content.IntervalSection(each.words, tuple(held[each])) for each in held),
    )


def _said_by_sex(male: Interval | None, female: Interval | None) -> tuple[str, ...]:
    """One sentence where the sexes agree, one for each where they do not."""
    if male == female:
        return (_usual(male),) if male else ()
    pairs = (("men", male), ("women", female))
    return tuple(f"{who} {_usual(held)}" for who, held in pairs if held)


def _usual(held: Interval) -> str:
    return ", ".join(word for word in (held.words, held.note) if word)


def _own_laboratories(place: WardView) -> list[LaboratoryView]:
    """The node's laboratories, that of the ward's own site first."""
    own = [lab for lab in working_laboratories() if lab.own]
    return sorted(own, key=lambda lab: (lab.site_id != place.site.id, lab.name))


def _telephones(place: WardView) -> tuple[pack_content.TelephoneGroup, ...]:
    """The laboratories of the node large, then partners, then the wards of each hospital, its own first."""
    own = _own_laboratories(place)
    partners = [lab for lab in working_laboratories() if not lab.own]
    by_site: dict[str, list[WardView]] = {}
    for each in working_wards():
        by_site.setdefault(each.site.name, []).append(each)
    sites = sorted(by_site, key=lambda name: (name != place.site.name, name))
    groups: list[tuple[str, Sequence[WardView] | Sequence[LaboratoryView]]] = [
        ("Laboratories: results, “where is it?”, criticals", own),
        ("Partner laboratories", partners),
        *((name, by_site[name]) for name in sites),
    ]
    return tuple(
        pack_content.TelephoneGroup(
            heading, tuple(pack_content.Telephone(each.name, each.telephone) for each in held)
        )
        for heading, held in groups
        if held
    )
