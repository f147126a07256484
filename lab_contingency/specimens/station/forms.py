"""What people scan, choose and fill in about printers and jobs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line
from lab_contingency.places.queries import SiteView, WardView
from lab_contingency.printing.stock import LabelStock
from lab_contingency.specimens.forms import PrintAgainForm, ScanForm
from lab_contingency.specimens.rules import MOST_PRINTS
from lab_contingency.specimens.station.commands import CarryOn, SetUpPrinter
from lab_contingency.specimens.station.queries.printers import PrinterView
from lab_contingency.specimens.station.rules.copies import MORE_AT_ONCE, MORE_REASONS
from lab_contingency.specimens.station.rules.printers import (
    DOTS_PER_INCH,
    LABELS_ON_A_ROLL_MOST,
    MOST_PRINTS_EVER,
    RAW_PORTS,
    WAYS,
    WORDS,
    PrinterWay,
    PrinterWords,
)

_CHOOSE = {"": "choose"}
_SCAN: dict[str, Any] = {"data-scan": True, "data-scan-home": True, "inputmode": "numeric"}


def _whole(label: str, smallest: int, most: int, *, hint: str = "", default: Any = None) -> Any:
    sentence = f"Type a whole number from {smallest:,} to {most:,}."
    return IntegerField(
        label,
        description=hint,
        default=default,
        validators=[Optional(), NumberRange(smallest, most, message=sentence)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class StationForm(ScanForm):
    """The scan field of a print station."""

    number = line(
        "Scan a request card, a ward board or a label",
        required="Scan or type the number.",
        most=40,
        **_SCAN,
    )


class LastGoodForm(ScanForm):
    """The scan field of one job."""

    number = line("Scan the last good label", required="Scan or type its number.", most=40, **_SCAN)


class LabelsForm(PrintAgainForm):
    """Labels of one patient, once or several times."""

    copies = SelectField(
        "How many of each?",
        choices={str(one): str(one) for one in range(1, MOST_PRINTS + 1)},
        default="1",
    )

    def each(self) -> int:
        """How many of each."""
        return int(self.copies.data or 1)


class CarryOnForm(VersionedForm):
    """The last good label, as a button says it; another printer for the rest."""

    last_good = StringField()
    printer = SelectField("Print the rest at", choices={}, validate_choice=False)

    def offer(self, printers: Iterable[PrinterView], here: uuid.UUID) -> None:
        """Hand in the printers to choose from."""
        self.printer.choices = [
            (str(each.id), f"{each.name}, {each.place}") for each in printers if each.id != here
        ]

    def to_command(self, job_id: uuid.UUID) -> CarryOn:
        """The intention; RuleBroken for a button that no page has."""
        text, printer = self.last_good.data or "", self.printer.data
        if not (text.isascii() and text.isdigit() and len(text) < 4):  # noqa: PLR2004 - three digits
            raise RuleBroken("Scan the last good label, or press its button.")
        try:
            printer_id = uuid.UUID(printer) if printer else None
        except ValueError:
            raise RuleBroken("Choose one of the printers.", field="printer") from None
        return CarryOn(job_id, int(text), self.version_shown(), printer_id)


class RollForm(LabForm):
    """A new roll or sheet."""

    labels = _whole(
        "Labels on the new roll", 1, LABELS_ON_A_ROLL_MOST, hint="Empty: they are not counted."
    )
    start = _whole("First free place on the sheet", 1, 200, default=1)


class _Ticks(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RoundForm(LabForm):
    """The patients of a round."""

    patients = _Ticks(
        "Patients",
        choices={},
        validate_choice=False,
        validators=[InputRequired("Tick the patients of this round.")],
    )

    def chosen(self, offered: Iterable[uuid.UUID]) -> tuple[uuid.UUID, ...]:
        """The requests ticked, in the order of the page."""
        ticked = set(self.patients.data or ())
        return tuple(each for each in offered if str(each) in ticked)


class MoreForm(ScanForm):
    """More prints of one label than is usual."""

    number = line("Scan or type the label’s number", required="Scan the label.", most=40, **_SCAN)
    more = SelectField(
        "How many more?", choices={str(one): str(one) for one in MORE_AT_ONCE}, default="1"
    )
    reason = SelectField(
        "Why?",
        choices={**_CHOOSE, **MORE_REASONS},
        validators=[InputRequired("Choose why the label must come out again.")],
    )


class PrinterForm(VersionedForm):
    """A printer as data."""

    name = line("Name", required="Give the printer the name that stands on it.", most=30)
    place = SelectField("Where it stands", choices={})
    room = line("Room or corner", most=40)
    way = RadioField(
        "How it prints",
        choices={way.value: words for way, words in WAYS.items()},
        default=PrinterWay.NETWORK.value,
        validators=[InputRequired("Choose how it prints.")],
    )
    host = line("Address", most=253, hint="Of a printer on the network: 10.20.3.14")
    port = _whole("Port", 1, 65_535, hint="9100 unless the printer says otherwise", default=9100)
    queue = line("Name on the server", most=60, hint="For the print command, as lpstat -p lists it")
    stock = SelectField("Labels in it", choices=())
    dpi = SelectField(
        "Dots per inch", choices={str(each): str(each) for each in DOTS_PER_INCH}, default="203"
    )
    words = RadioField(
        "How a printer on the network writes its words",
        choices={each.value: words for each, words in WORDS.items()},
        default=PrinterWords.PICTURE.value,
    )
    most_prints = _whole(
        "How often one label may come out",
        1,
        MOST_PRINTS_EVER,
        hint="Beyond that a senior or the coordinator must say why",
        default=MOST_PRINTS,
    )

    def offer(
        self, sites: Iterable[SiteView], wards: Iterable[WardView], stocks: Iterable[LabelStock]
    ) -> None:
        """Hand in the places and the labels to choose from."""
        self.stock.choices = [(stock.code, stock.name) for stock in stocks]
        self.place.choices = [
            *((f"ward:{ward.id}", f"{ward.name}, {ward.site.name}") for ward in wards),
            *((f"site:{site.id}", site.name) for site in sites),
        ]

    def show(self, printer: PrinterView) -> None:
        """Fill in what stands."""
        place = f"ward:{printer.ward_id}" if printer.ward_id else f"site:{printer.site_id}"
        self.process(
            data={
                **{name: getattr(printer, name) for name in ("name", "room", "host", "queue")},
                "port": printer.port or RAW_PORTS[0],
                "place": place,
                "way": printer.way.value,
                "words": printer.words.value,
                "stock": printer.stock,
                "dpi": str(printer.dpi),
                "most_prints": printer.most_prints,
                "version": printer.version,
            }
        )

    def to_command(self, wards: Iterable[WardView]) -> SetUpPrinter:
        """The intention; RuleBroken for an address that is missing."""
        kind, _, place = (self.place.data or "").partition(":")
        place_id, way = uuid.UUID(place), PrinterWay(self.way.data)
        ward = next((each for each in wards if kind == "ward" and each.id == place_id), None)
        network, command = way is PrinterWay.NETWORK, way is PrinterWay.COMMAND
        return SetUpPrinter(
            name=self.name.data or "",
            site_id=ward.site.id if ward else place_id,
            ward_id=ward.id if ward else None,
            room=self.room.data or "",
            way=way,
            stock=self.stock.data,
            host=(self.host.data or "") if network else "",
            port=(self.port.data or RAW_PORTS[0]) if network else None,
            queue=(self.queue.data or "") if command else "",
            dpi=int(self.dpi.data),
            most_prints=self.most_prints.data or MOST_PRINTS,
            words=PrinterWords(self.words.data) if network else PrinterWords.PICTURE,
        )
