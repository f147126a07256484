"""One bedside as its page shows it: what was read, what is still missing, which tube comes next."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.incidents.rules import foreign_barcode
from lab_contingency.places.queries import band_settings
from lab_contingency.places.rules import BandSettings
from lab_contingency.requests.rules.gs1 import is_gs1
from lab_contingency.requests.rules.wristbands import Agreement, compare, read_wristband
from lab_contingency.specimens.queries.matching import standing_readings
from lab_contingency.specimens.queries.reception import Bedside, bedsides
from lab_contingency.specimens.queries.tubes import TubeView, tubes_of
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.rules.matching import Standing, Stop


@dataclass(frozen=True, slots=True)
class BedsideProgress:
    """What one person read for one card, beside its tubes. `required`: nothing is saved without a wristband."""

    tubes: tuple[TubeView, ...]
    standing: Standing
    required: bool

    @property
    def collectable(self) -> tuple[TubeView, ...]:
        """Labelled and not taken, or to be written by hand."""
        return tuple(tube for tube in self.tubes if _collectable(tube))

    @property
    def read(self) -> tuple[TubeView, ...]:
        """Those whose label was read from the tube in the hand."""
        return tuple(
            tube for tube in self.collectable if tube.planned_tube_id in self.standing.tubes
        )

    @property
    def unread(self) -> tuple[TubeView, ...]:
        """Those with a label that is still to be read."""
        return tuple(
            tube
            for tube in self.collectable
            if not tube.by_hand and tube.planned_tube_id not in self.standing.tubes
        )

    @property
    def unlabelled(self) -> bool:
        """Whether a label is still to be printed."""
        return any(_unlabelled(tube) for tube in self.tubes)

    @property
    def form_needed(self) -> bool:
        """Whether a handwritten tube is among them, which travels with its form; or a wrong form was read."""
        return self.standing.wrong_form or any(tube.by_hand for tube in self.collectable)

    @property
    def wristband_read(self) -> bool:
        """Whether a wristband agreed."""
        return self.standing.wristband is not None

    @property
    def form_read(self) -> bool:
        """Whether the form agreed."""
        return self.standing.form

    @property
    def stop(self) -> Stop | None:
        """The stop that stands: nothing that agrees was read since, or a wristband turned the person away."""
        held = self.standing
        resumed = bool(held.tubes) or held.form
        return None if resumed and not held.turned_away else held.stopped

    @property
    def next_tube(self) -> TubeView | None:
        """The tube to take in the hand now, in the order of draw."""
        return next(iter(self.unread), None)

    @property
    def next_words(self) -> str:
        """What to do now, in a few big words."""
        if self.required and not self.wristband_read:
            return "Read the wristband"
        if self.next_tube is not None:
            return f"Scan the label on the {self.next_tube.container.colour_name} tube"
        if self.form_needed and not self.form_read:
            return "Scan the form"
        if self.collectable:
            return "All agree. Save"
        return "Print the labels first" if self.unlabelled else "Nothing is to be taken"

    @property
    def agreed(self) -> bool:
        """Whether everything that must be read was read."""
        form = self.form_read or not self.form_needed
        band = self.wristband_read or not self.required
        return bool(self.collectable) and band and form and not self.unread

    def kind_in_hand(self, planned_tube_id: str) -> str:
        """The kind of the tube that was chosen, or "" for none of this card."""
        kinds = (tube.kind for tube in self.tubes if str(tube.planned_tube_id) == planned_tube_id)
        return next(kinds, "")


def _collectable(tube: TubeView) -> bool:
    if not tube.wanted or tube.replaced:
        return False
    return tube.status is SpecimenStatus.LABELLED or (tube.by_hand and tube.status is None)


def _unlabelled(tube: TubeView) -> bool:
    waiting = tube.status in (None, SpecimenStatus.UNLABELLED)
    return waiting and tube.wanted and not tube.by_hand and not tube.replaced


def bedside_progress(request_id: uuid.UUID, ward_id: uuid.UUID, actor: Actor) -> BedsideProgress:
    """What this person read for a card in their scope, and its tubes."""
    held = standing_readings(request_id, actor)
    required = band_settings(ward_id).required or held.stopped is not None
    return BedsideProgress(tubes_of(request_id, actor), held, required)


def card_of_wristband(scanned: str, actor: Actor) -> uuid.UUID:
    """The one card that waits at the actor’s site for the patient with this wristband.

    RuleBroken says what was scanned instead, or that several wait; NotFound that none does. Nobody is found
    who does not stand on the list of the page already.
    """
    foreign = None if is_gs1(scanned) else foreign_barcode(scanned, besides=("NHS", "GS1"))
    if foreign is not None:
        raise RuleBroken(foreign, field="number")
    waiting = bedsides(actor.site_id, actor) if actor.site_id else ()
    found = [bed.request.id for bed in waiting if _is_of(scanned, bed)]
    if len(found) > 1:
        raise RuleBroken(
            "Two cards wait for this patient. Scan the form or a label of the one you take.",
            field="number",
        )
    if not found:
        _refuse_unreadable(scanned)
        raise NotFound(
            "No request here has blood to be taken from the patient with this wristband. "
            "Scan the form or a label, or look at the list."
        )
    return found[0]


def _is_of(scanned: str, bed: Bedside) -> bool:
    identity = bed.request.patient.identity
    settings = band_settings(bed.request.ward.id)
    try:
        band = read_wristband(scanned, settings, identity.hospital_number)
    except ValueError:  # wards differ in what theirs carry
        return False
    return compare(band, identity) is Agreement.AGREES


def _refuse_unreadable(scanned: str) -> None:
    """Say what it is, where no wristband anywhere looks like it."""
    try:
        read_wristband(scanned, BandSettings())
    except ValueError as refused:
        raise RuleBroken(str(refused), field="number") from refused
