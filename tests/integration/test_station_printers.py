"""The pages of printers: set up, chosen, asked, a new roll, the wards’ boards."""

import re

from sqlalchemy import select

from lab_contingency.accounts.commands import EnrolDevice
from lab_contingency.accounts.devices import ask_to_enrol, enrol_device
from lab_contingency.accounts.rules import ScreenKind
from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.places.queries import laboratories, ward
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.queries.printers import printer, printers, remembered
from lab_contingency.specimens.station.sender import send
from tests.clients import without_ids
from tests.factories.printers import a_job, set_up, shown, states
from tests.factories.world import SYSTEM
from tests.printers import a_printer, senders_are_done
from tests.printing.reading import joined, pages

IDENTIFIERS = re.compile(
    r"wo[zź]niak|o[’']neill|siân|04-nov-1958|1958|h\d{7}|999 |999\d{7}|haematemesis", re.IGNORECASE
)


def names_nobody(*answers):
    for answer in answers:
        assert IDENTIFIERS.findall(without_ids(answer.text)) == []


def test_a_new_roll_is_counted_down_and_few_labels_are_said(client_for, world):
    with a_printer() as fake:
        printer_id = set_up(world, fake)
        porter = client_for("porter")
        porter.post("station.print_here", printer_id=printer_id)
        wrong = porter.post("station.new_roll", {"labels": "0"}, printer_id=printer_id)
        porter.post("station.new_roll", {"labels": "52"}, printer_id=printer_id)
        senders_are_done()
        a_job(world, printer_id, 3)
        send(printer_id)
        page = porter.get("station.print_station")

        assert len(fake.out) == 3
        assert wrong.status == 422
        assert printer(printer_id, SYSTEM).labels_left == 49
        assert "49 labels left" in page.words
        assert "few-left" in page.text


def test_an_enrolled_device_remembers_its_printer(world):
    printer_id = set_up(world)
    with unit_of_work():
        _, code = ask_to_enrol("127.0.0.9")
        resus = world.wards["KCH-ED-RESUS"]
        device_id = enrol_device(
            EnrolDevice(code, "ED station", ScreenKind.PRINT_STATION, ward_id=resus),
            actor=world.coordinator,
        )
    at_it = Actor(world.porter.user_id, "Porter", "porter", device_id=device_id)
    with unit_of_work():
        services.choose_printer(printer_id, actor=at_it)

    assert remembered(device_id) == printer_id
    with unit_of_work():
        services.switch_printer(printer_id, on=False, actor=world.coordinator)
    assert remembered(device_id) is None
    assert printer_id not in [each.id for each in printers(SYSTEM)]


def test_a_coordinator_sets_a_printer_up_changes_it_and_switches_it_off(client_for, world):
    coordinator = client_for("coordinator")
    fields = {
        "name": "ED 9",
        "place": f"ward:{world.wards['KCH-ED-RESUS']}",
        "room": "by the door",
        "way": "network",
        "host": "10.20.3.14",
        "port": "9100",
        "queue": "",
        "stock": "AUTO12",
        "dpi": "300",
        "most_prints": "4",
    }
    wrong = coordinator.post("station.printers", {**fields, "host": "http://x", "way": "network"})
    made = coordinator.post("station.printers", fields)
    same = coordinator.post("station.printers", fields)
    (held,) = printers(SYSTEM)
    page = coordinator.get("station.printer", printer_id=held.id)
    changed = {**fields, "way": "command", "queue": "ed9", "version": str(held.version)}
    done = coordinator.post("station.printer", changed, printer_id=held.id)
    stale = coordinator.post("station.printer", changed, printer_id=held.id)
    coordinator.post("station.switch", printer_id=held.id)

    assert wrong.status == 422
    assert "10.20.3.14" in wrong.words
    assert "http://x" in wrong.text  # what was typed stays
    assert made.status == 303
    assert same.status == 422
    assert "There is a printer of that name" in same.words
    assert (held.host, held.port, held.dpi, held.most_prints) == ("10.20.3.14", 9100, 300, 4)
    assert held.place == "ED Resus, by the door, King's College Hospital"
    assert page.h1 == "Printer ED 9"
    assert done.status == 303
    assert stale.status == 422
    after = printer(held.id, SYSTEM)
    assert (after.way.value, after.queue, after.host, after.port) == ("command", "ed9", "", None)
    assert not after.active
    recorded = select(AuditEvent.action).where(AuditEvent.subject_id == held.id)
    assert session().scalars(recorded.order_by(AuditEvent.id)).all() == [
        "printer:set_up",
        "printer:changed",
        "printer:switched_off",
    ]


def test_what_is_in_a_printer_is_not_changed_while_labels_wait_for_it(client_for, world):
    printer_id = set_up(world, name="Office")
    a_job(world, printer_id, 2)
    held = printer(printer_id, SYSTEM)
    fields = {"name": "Office", "place": f"site:{held.site_id}", "way": "browser", "port": "9100"}
    fields |= {"stock": "AUTO12", "dpi": "300", "most_prints": "5", "version": str(held.version)}

    answer = client_for("administrator").post("station.printer", fields, printer_id=printer_id)

    assert answer.status == 422
    assert "Labels wait at this printer" in answer.words


def test_the_labels_for_the_boards_name_every_ward_and_nobody(client_for, world):
    pdf = client_for("coordinator").post("station.boards", site_id=world.sites["KCH"])

    wards = [name for code, name in world.wards.items() if code.startswith("KCH")]
    doors = [each.name for each in laboratories() if each.site_id == world.sites["KCH"]]
    assert pages(pdf.data) == len(wards) + len(doors)
    said = [joined(pdf.data, page) for page in range(len(wards) + len(doors))]
    assert any("Scantoleavetubeshere" in text for text in said)
    assert any("EDResus" in text for text in said)
    assert ward(world.wards["KCH-ED-RESUS"]).name == "ED Resus"
    assert session().scalars(select(Leaving.kind)).all() == ["ward boards"]


def test_who_sets_printers_up_handles_test_labels_and_no_patients(client_for, world):
    printer_id = set_up(world, name="Office")
    patients = a_job(world, printer_id, 2)
    coordinator = client_for("coordinator")
    test = coordinator.post("station.test_label", printer_id=printer_id)
    page = coordinator.follow(test)
    test_id = page.response.request.path.rpartition("/")[2]
    version = {"version": str(shown(patients).version)}

    refused = [
        coordinator.get("station.job", job_id=patients),
        coordinator.post("station.open_labels", version, job_id=patients),
        coordinator.post("station.go_on", {**version, "last_good": "0"}, job_id=patients),
        coordinator.post("station.give_up", version, job_id=patients),
    ]
    opened = coordinator.post("station.open_labels", {"version": "1"}, job_id=test_id)

    assert page.h1 == "Test label"
    assert [answer.status for answer in refused] == [404] * 4
    assert "PrinterOffice" in joined(opened.data)
    assert states(patients) == ["waiting"] * 2


def test_the_sites_own_labels_can_be_in_a_printer_and_a_bad_table_stops_none_of_ours(
    client_for, world, app
):
    table = app.extensions["lab_settings"].data / "label_stocks.csv"
    head = "code,name,width,height,page_width,page_height,left,top,across,down,pitch_x,pitch_y\n"
    coordinator = client_for("coordinator")
    try:
        table.write_text(head + "OUR1,long roll,60,30,,,,,,,,\n", encoding="utf-8")
        offered = coordinator.get("station.printers")
        printer_id = set_up(world, stock="OUR1")
        named = printer(printer_id, SYSTEM).stock_name
        table.write_text(head + "OUR1,long roll,broad,30,,,,,,,,\n", encoding="utf-8")
        spoilt = coordinator.get("station.printers")
    finally:
        table.unlink()

    assert "long roll" in offered.words
    assert named == "long roll"
    assert "label_stocks.csv, line 2: width must be a number" in spoilt.words
    assert "CLSI AUTO12" in spoilt.words
