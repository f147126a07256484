"""At the laboratory: a scan receives a tube; a handwritten one is received by its form."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.wording import and_text, duration_text, near_time_text
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.packs.queries import waits_for_check
from lab_contingency.requests.rules.bands import NEVER_HIDDEN
from lab_contingency.requests.rules.statuses import TestAction, TestStatus
from lab_contingency.requests.services import (
    Evidence,
    lock_request,
    move_test,
    note_received,
    reach,
)
from lab_contingency.specimens.commands import AcceptByHand, Age
from lab_contingency.specimens.rules import (
    TOO_OLD,
    WORDS,
    CustodyAction,
    SpecimenStatus,
    next_custody,
    refuse_collection_time,
    refuse_unconfirmed,
    too_old,
    with_caution,
)
from lab_contingency.specimens.services.collecting import refuse_shared_group
from lab_contingency.specimens.services.paper import was_labelled
from lab_contingency.specimens.services.rejecting import reject_old_tests
from lab_contingency.specimens.services.scanning import claim_scan, open_scan
from lab_contingency.specimens.services.tubes import (
    Happening,
    Tube,
    age_changes,
    move,
    refresh_usability,
    tube_of,
)

NOT_NOTED = "not noted"
WRITTEN = (
    "This label was written by hand. Compare name, date of birth and number on the tube with the patient "
    "shown here; if one differs, reject it."
)


@dataclass(frozen=True, slots=True)
class Received:
    """What a scan did. `cautions` are sentences to read before working on the tube."""

    request_id: uuid.UUID
    planned_tube_id: uuid.UUID
    specimen_id: uuid.UUID
    cautions: tuple[str, ...] = ()


def receive(
    number: str, laboratory_id: uuid.UUID, age: Age | None = None, *, actor: Actor, cap: str = ""
) -> Received:
    """Receive the tube with that label. A form’s number is refused: it needs its own checks.

    `cap`: the code of the container that all tubes of this rack are; "" where they are not sorted.
    """
    scan = claim_scan(number, laboratory_id, actor=actor)
    if scan.tube is None:
        raise RuleBroken(
            "That is the number of a form. Scan the label on the tube; for a handwritten tube, "
            "compare tube and form.",
            field="number",
        )
    _refuse_other_cap(scan.tube, cap)
    _refuse_unreceivable(scan.tube)
    taken = _taken(scan.tube, age or Age())
    done = _receive(scan.tube, laboratory_id, taken, age or Age(), actor=actor)
    if scan.tube.specimen is not None and not was_labelled(scan.tube.specimen):
        return replace(done, cautions=(WRITTEN, *done.cautions))
    return done


def _refuse_other_cap(tube: Tube, cap: str) -> None:
    """A label on another kind of tube: two labels were swapped, or another tube was filled."""
    if not cap or tube.planned.container == cap:
        return
    kinds = catalogue().containers
    raise RuleBroken(
        f"STOP. This label is for {kinds[tube.planned.container].name}, and you are scanning "
        f"{kinds[cap].name if cap in kinds else 'other'} tubes. Look at the cap. The label is on the wrong "
        "tube? Reject it as the wrong tube. The tube only stood in the wrong rack? Put it into its own.",
        field="number",
    )


def take_in_form(number: str, laboratory_id: uuid.UUID, *, actor: Actor) -> uuid.UUID:
    """Note that a form reached this laboratory; from now on it may see the request."""
    scan = claim_scan(number, laboratory_id, actor=actor)
    reach(scan.request.id, laboratory_id, actor=actor)
    return scan.request.id


def receive_form(command: AcceptByHand, laboratory_id: uuid.UUID, *, actor: Actor) -> Received:
    """Accept a handwritten tube: every item on it agrees with its scanned form.

    Serves transfusion tubes, and any tube that was written by hand because no label was printed.
    """
    request = lock_request(command.request_id, actor=actor)
    tube = tube_of(request, command.planned_tube_id, actor=actor)
    _refuse_unreceivable(tube)
    if tube.specimen is not None and tube.specimen.number is not None:
        raise RuleBroken("This tube has a printed label. Scan that instead.", field="number")
    if tube.specimen is not None and was_labelled(tube.specimen):
        raise RuleBroken(
            "A label was printed for this tube and no longer counts, so it is not accepted by hand. "
            "Reject it, and ring the ward.",
            field="number",
        )
    _refuse_unchecked_form(tube)
    refuse_unconfirmed(command.confirmed)
    if not command.collected_by.strip():
        raise RuleBroken("Type who signed the tube.", field="collected_by")
    refuse_shared_group(tube, command)
    age = Age(command.collected_at, command.collected_by, command.accept_reason)
    taken = (command.collected_at, command.collected_by)
    return _receive(tube, laboratory_id, taken, age, actor=actor)


def _refuse_unchecked_form(tube: Tube) -> None:
    """Blood may be given by this form: it was keyed from paper, and nobody has read the paper again."""
    keyed_by = waits_for_check(tube.request.id) if tube.by_hand else None
    if keyed_by is not None:
        raise RuleBroken(
            f"This form was keyed from paper by {keyed_by} and a second person must key it again first: "
            "under “Forms”.",
            field="number",
        )


def _refuse_unreceivable(tube: Tube) -> None:
    specimen = tube.specimen
    if specimen is not None and specimen.status is SpecimenStatus.RECEIVED:
        at = near_time_text(specimen.received_at) if specimen.received_at else ""
        raise RuleBroken(
            f"Received already at {at}, {specimen.holder}. Nothing was changed.", field="number"
        )
    if specimen is not None and specimen.status is SpecimenStatus.REJECTED:
        raise RuleBroken(
            "This tube was rejected. Put it with the rejected tubes; the ward was told.",
            field="number",
        )
    next_custody(tube.status, CustodyAction.RECEIVE)
    if tube.replaced:
        raise RuleBroken("This tube was taken again. Use the new one.", field="number")
    if not tube.wanted:
        raise RuleBroken(
            "Every test on this tube was withdrawn or declined. Keep it aside; nothing is to be done.",
            field="number",
        )


def _taken(tube: Tube, age: Age) -> tuple[dt.datetime, str]:
    """When and by whom it was filled: as scanned, as typed now, or as on the card; asked otherwise."""
    held = tube.specimen
    if held is not None and held.collected_at is not None and held.collected_by is not None:
        return held.collected_at, held.collected_by
    card_at, card_by = card_collection(tube)
    collected_at = age.collected_at or card_at
    if collected_at is None:
        raise RuleBroken(
            "Nobody noted when this blood was taken. Type the time on the tube or the form; "
            "if there is none, reject it.",
            field="collected_at",
        )
    return collected_at, age.collected_by or card_by or NOT_NOTED


def card_collection(tube: Tube) -> tuple[dt.datetime | None, str]:
    """Read when and by whom, as the card said: it knows nothing of a tube taken again."""
    if tube.planned.replaces_id is not None:
        return None, ""
    request = tube.request
    held = unseal(Request.__tablename__, request.id, request.sealed)
    at = held["collected_at"]
    return (dt.datetime.fromisoformat(at) if at else None), held["collected_by"]


def _receive(
    tube: Tube,
    laboratory_id: uuid.UUID,
    taken: tuple[dt.datetime, str],
    age: Age,
    *,
    actor: Actor,
) -> Received:
    now, place = clock.now(), laboratory(laboratory_id).name
    refuse_collection_time(taken[0], now)
    cautions = _judge_age(tube, taken[0], age, now, actor)
    bound = tube.specimen.bound_for_id if tube.specimen else None
    if bound is not None and bound != laboratory_id:
        cautions.append(f"This tube was on its way to {laboratory(bound).name}. Ring them.")
    if tube.specimen is None or tube.specimen.collected_at is None:
        _note_collection(tube, taken, actor)
    specimen = move(
        tube,
        CustodyAction.RECEIVE,
        Happening(place=place, reason=age.accept_reason),
        actor=actor,
        received_at=now,
        laboratory_id=laboratory_id,
        bound_for_id=None,
        **age_changes(tube, *taken),
    )
    reach(tube.request.id, laboratory_id, actor=actor)
    cautions += receive_tests(tube, laboratory_id, now, actor)
    refresh_usability(tube.request)
    return Received(tube.request.id, tube.planned.id, specimen.id, tuple(cautions))


def _note_collection(tube: Tube, taken: tuple[dt.datetime, str], actor: Actor) -> None:
    """The history says when the blood was taken, though nobody scanned it then."""
    happening = Happening(place="bedside", occurred_at=taken[0], reason_code="NOTED_AT_RECEIPT")
    if tube.status in (None, SpecimenStatus.LABELLED):
        move(tube, CustodyAction.COLLECT, happening, actor=actor, **age_changes(tube, *taken))


def _judge_age(
    tube: Tube, collected_at: dt.datetime, age: Age, now: dt.datetime, actor: Actor
) -> list[str]:
    """Too old needs a decision; nearly too old is said."""
    old = too_old(tube.wanted_tests, collected_at, now)
    age_text = duration_text(now - collected_at)
    if old and age.leave_out and len(old) < len(tube.wanted):
        codes = {test.code for test in old}
        rejected = [test for test in tube.wanted if test.test_code in codes]
        reject_old_tests(tube.request, rejected, TOO_OLD, actor=actor)
        return [f"Taken {age_text} ago. Rejected as too old: {_names(old)}."]
    if old and not age.accept_reason.strip():
        raise RuleBroken(
            _too_old_sentence(tube, old, age_text),
            field="accept_reason",
            shows=(tube.request.patient_id, Field.TESTS),
        )
    if old:
        return [f"Taken {age_text} ago, used all the same: {_names(old)}."]
    careful = with_caution(tube.wanted_tests, collected_at, now)
    return [f"Taken {age_text} ago. Report with a caution: {_names(careful)}."] if careful else []


def _too_old_sentence(tube: Tube, old: tuple[Test, ...], age_text: str) -> str:
    limit = duration_text(min(test.reject_after for test in old))
    rest = ", leave those tests out," if len(old) < len(tube.wanted) else ""
    return (
        f"Too old for {_names(old)}: taken {age_text} ago, the limit is {limit}. "
        f"Reject the tube{rest} or say why it is used all the same."
    )


def _names(tests: tuple[Test, ...]) -> str:
    return and_text([test.label for test in tests])


def receive_tests(
    tube: Tube, laboratory_id: uuid.UUID, now: dt.datetime, actor: Actor
) -> list[str]:
    """Move the tests assigned here; say where the others are to go."""
    here = [test for test in tube.tests if assigned_to(test, laboratory_id)]
    evidence = Evidence(occurred_at=now)
    for test in here:
        move_test(tube.request, test, TestAction.RECEIVE, evidence, actor=actor)
    _note_target(tube, here, now)
    return _elsewhere(tube, laboratory_id)


def assigned_to(test: RequestedTest, laboratory_id: uuid.UUID) -> bool:
    """Tell whether the test waits for its tube at this laboratory."""
    return test.status is TestStatus.ASSIGNED and test.laboratory_id == laboratory_id


def _note_target(tube: Tube, here: list[RequestedTest], now: dt.datetime) -> None:
    request = tube.request
    pressing = request.band in NEVER_HIDDEN
    targets = [catalogue().test(test.test_code).urgent_target for test in here] if pressing else []
    note_received(request, now, min(targets, default=None))


def _elsewhere(tube: Tube, laboratory_id: uuid.UUID) -> list[str]:
    places = {
        test.laboratory_id
        for test in tube.wanted
        if test.status is TestStatus.ASSIGNED
        and test.laboratory_id is not None
        and test.laboratory_id != laboratory_id
    }
    if not places and all(test.laboratory_id != laboratory_id for test in tube.wanted):
        places = {  # nothing on it is for here, and what is begun waits for it where it was
            test.laboratory_id
            for test in tube.wanted
            if test.status is TestStatus.RECEIVED and test.laboratory_id is not None
        }
    names = sorted(laboratory(place).name for place in places)
    return [f"Send it on: tests on it are for {and_text(names)}."] if names else []


def to_send_on(number: str, laboratory_id: uuid.UUID, *, actor: Actor) -> tuple[str, ...]:
    """What receiving a tube says of where it goes next, of one that was received here before."""
    tube = claim_scan(number, laboratory_id, actor=actor).tube
    return tuple(_elsewhere(tube, laboratory_id)) if tube is not None else ()


def dispatch(number: str, laboratory_id: uuid.UUID, *, actor: Actor) -> uuid.UUID:
    """Send a received tube on to another laboratory; returns the specimen."""
    scan = open_scan(number, actor=actor)
    if scan.tube is None:
        raise RuleBroken("That is a form. Scan the label on the tube.", field="number")
    return dispatch_tube(scan.tube, laboratory_id, actor=actor)


def dispatch_tube(tube: Tube, laboratory_id: uuid.UUID, *, actor: Actor) -> uuid.UUID:
    """Send on a tube of a locked request."""
    specimen = tube.specimen
    next_custody(tube.status, CustodyAction.DISPATCH)
    if specimen is not None and specimen.status is SpecimenStatus.DISPATCHED:
        raise RuleBroken(f"This tube left already: it is {specimen.holder}.")
    if specimen is None or specimen.laboratory_id == laboratory_id:
        raise RuleBroken("The tube stands there already. Choose another laboratory.")
    if actor.laboratory_id is not None and specimen.laboratory_id != actor.laboratory_id:
        raise RuleBroken(f"This tube is {WORDS[specimen.status]} at {specimen.holder}, not here.")
    place = Happening(place=f"on the way to {laboratory(laboratory_id).name}")
    move(tube, CustodyAction.DISPATCH, place, actor=actor, bound_for_id=laboratory_id)
    reach(tube.request.id, laboratory_id, actor=actor)
    return specimen.id
