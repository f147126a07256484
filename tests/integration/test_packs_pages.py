"""Pages of packs and written forms: who sees whose, what is kept, what is never shown."""

from __future__ import annotations

import re
import uuid
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from lab_contingency.accounts.drafts import keep_draft
from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.rules import Field
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.incidents.rules import for_tube, grouped, pack_number
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.models import FormPicturePart, PaperPack
from lab_contingency.requests.packs.queries import transcription_of
from tests.clients import value_of
from tests.factories.packs import PNG, keyed, pack_id, packs
from tests.factories.world import nhs_number
from tests.printing import reading

ANSWERS = {"transfused_or_pregnant_3_months": "no"}


def _fields(page, **changes):
    held = {
        "idempotency_key": value_of(page, "idempotency_key"),
        "nhs_number": nhs_number(1),
        "born": "04-Nov-1958",
        "sex": "F",
        "surname": "Woźniak-O’Neill",
        "forenames": "Siân",
        "issuer": "RJZ",
        "ward": re.search(r'<option selected value="([0-9a-f-]{36})"', page.text)[1],
        "bed": "4",
        "destination": "",
        "callback": "bleep 2222",
        "requested_by": "Dr A. Okafor",
        "tests": ["FBC"],
        "band": "P1",
        "reason_code": "SEPSIS",
        "clinical_details": "Rigors",
        "anticoagulant": "none",
        "infection_risk": "none known",
        "collection_method": "vein",
        "written_at": "00:01",
        "do": "save",
    }
    return {**held, **changes}


def _opened(client, number):
    return client.follow(client.post("forms.scan", {"number": grouped(number)}))


@pytest.mark.feature(7)
def test_a_porter_prints_packs_and_sees_what_is_left(world, client_for):
    porter = client_for("porter")
    paper = porter.post("packs.print_packs", {"count": "3"}, ward_id=world.wards["KCH-ED-RESUS"])

    assert paper.response.mimetype == "application/pdf"
    assert reading.pages(paper.data) == 7 + 3 + 1
    page = porter.get("packs.stock")
    assert "ED Resus: 3 packs left" in page.words
    assert "3 = 0 used + 0 void + 3 left" in page.words
    leaving = session().scalars(select(Leaving)).one()
    assert (leaving.kind, leaving.contains) == ("paper pack", {})


@pytest.mark.parametrize("typed", ["0", "61", "many", ""])
def test_a_number_of_packs_that_cannot_be_is_refused_with_what_was_typed(world, client_for, typed):
    ward = world.wards["KCH-ED-RESUS"]
    page = client_for("coordinator").post("packs.print_packs", {"count": typed}, ward_id=ward)

    assert page.status == 422
    assert "from 1 to 60" in page.words
    assert session().scalars(select(PaperPack)).all() == []


def test_lost_packs_are_void_and_the_books_say_so(world, client_for):
    numbers = packs(world, 4).numbers
    porter = client_for("porter")
    form = {"number": pack_number(numbers[1]), "last": numbers[2], "reason": "lost"}
    page = porter.follow(porter.post("packs.void", form))

    assert "2 packs void." in page.words
    assert "4 = 0 used + 2 void + 2 left" in page.words
    refused = porter.post("packs.void", form)
    assert refused.status == 422
    assert "void already" in refused.words


@pytest.mark.feature(8)
def test_a_form_is_keyed_as_it_was_written_and_stands_under_its_number(world, client_for):
    number = packs(world).numbers[0]
    clerk = client_for("scientist")
    page = _opened(clerk, for_tube(number, 4))
    assert page.h1 == "Key a written form"
    assert grouped(number) in page.words

    answer = clerk.post("forms.save", _fields(page), pack_id=pack_id(number))
    story = clerk.follow(answer)

    assert "Saved under the number on the form." in story.words
    assert f"Request {grouped(number)}" in story.words
    assert "by Dr A. Okafor, keyed" in story.words
    assert session().scalars(select(Request.number)).one() == number


def test_what_was_typed_stays_when_something_is_wrong(world, client_for):
    number = packs(world).numbers[0]
    clerk = client_for("doctor")
    fields = _fields(_opened(clerk, number), written_at="", surname="")
    page = clerk.post("forms.save", fields, pack_id=pack_id(number))

    assert page.status == 422
    assert "Type when the form was written" in page.words
    assert "Type the surname as on the wristband." in page.words
    assert value_of(page, "bed") == "4"
    assert "Rigors" in page.text


@pytest.mark.hazard("H11")
def test_the_second_to_save_is_told_of_the_first_and_keeps_what_was_typed(world, client_for):
    number = packs(world).numbers[0]
    first, second = client_for("scientist"), client_for("doctor")
    one, other = _opened(first, number), _opened(second, number)
    assert "Scientist has this form open too" in other.words
    seen = first.live("forms.present", {}, pack_id=pack_id(number))
    assert "Doctor has this form open too" in seen.words

    assert first.post("forms.save", _fields(one), pack_id=pack_id(number)).status == 303
    refused = second.post("forms.save", _fields(other), pack_id=pack_id(number))

    assert refused.status == 422
    assert "by Scientist. Nothing was saved again." in refused.words
    assert value_of(refused, "surname") == "Woźniak-O’Neill"
    assert "Stop: it was keyed" in second.live("forms.present", {}, pack_id=pack_id(number)).words
    assert second.get("forms.key", pack_id=pack_id(number)).status == 303


@pytest.mark.feature(54)
def test_the_second_person_sees_nothing_of_the_first_keying(world, client_for):
    placed = keyed(world, pack_id(packs(world).numbers[0]), tests=("GS",), answers=ANSWERS)
    held = transcription_of(placed.request_id)
    own, other = client_for("scientist"), client_for("colleague")

    assert "you keyed it" in own.get("forms.start").words
    assert "You keyed this form yourself" in own.get("forms.again", transcription_id=held.id).words
    page = other.get("forms.again", transcription_id=held.id)
    for word in ("Woźniak", "Siân", "1958", nhs_number(1)[-4:], "checked"):
        assert word not in page.text

    typed = {
        "nhs_number": nhs_number(2),
        "born": "04-Nov-1958",
        "sex": "F",
        "surname": "Woźniak-O’Neill",
        "forenames": "Siân",
        "hospital_number": "H0000001",
        "issuer": "RJZ",
        "tests": ["GS"],
    }
    refused = other.post("forms.again", typed, transcription_id=held.id)
    assert refused.status == 422
    assert "did not read the same: NHS number." in refused.words
    assert nhs_number(1) not in refused.text
    assert value_of(refused, "nhs_number") == nhs_number(2)

    right = {**typed, "nhs_number": nhs_number(1)}
    done = other.follow(other.post("forms.again", right, transcription_id=held.id))
    assert "Both keyed the same." in done.words
    assert "keyed again" in own.get("tracking.request", request_id=placed.request_id).words


def _sends(client, pack, data, name="form.png"):
    head = f'--x\r\nContent-Disposition: form-data; name="picture"; filename="{name}"\r\n\r\n'
    return client.open(
        client.url("forms.attach", pack_id=pack),
        method="POST",
        data=head.encode() + data + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )


def test_a_picture_is_kept_sealed_shown_to_few_and_its_showing_recorded(app, world, client_for):
    number = packs(world).numbers[0]
    pack = pack_id(number)
    clerk = client_for("scientist")
    assert _sends(clerk, pack, PNG).status == 303
    placed = keyed(world, pack)
    page = clerk.get("tracking.request", request_id=placed.request_id)
    picture = uuid.UUID(re.search(r"/forms/pictures/([0-9a-f-]{36})", page.text)[1])

    shown = clerk.get("forms.picture", picture_id=picture)

    assert shown.data == PNG
    assert shown.response.headers["Content-Type"] == "image/png"
    assert shown.response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown.response.headers["Cache-Control"] == "no-store"
    patient = session().get_one(Request, placed.request_id).patient_id
    shown_to = select(AuditEvent).where(
        AuditEvent.action == "disclosure:shown", AuditEvent.subject_id == patient
    )
    told = [row for row in session().scalars(shown_to) if row.details["page"] == "forms.picture"]
    assert [row.fields & int(Field.NHS_NUMBER) for row in told] == [int(Field.NHS_NUMBER)]
    for other in ("other_doctor", "other_scientist"):
        assert client_for(other).get("forms.picture", picture_id=picture).status == 404
    assert client_for("porter").get("forms.picture", picture_id=picture).status == 403
    assert PNG[8:] not in session().scalars(select(FormPicturePart.sealed)).one().encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"<html><script>", "JPEG, a PNG or a PDF"), (b"", "Choose the photo"), (PNG[:30], "damaged")],
)
def test_what_is_no_picture_is_refused_with_what_to_do(world, client_for, data, words):
    page = _sends(client_for("scientist"), pack_id(packs(world).numbers[0]), data)

    assert page.status == 422
    assert words in page.words


def test_a_file_over_the_cap_never_comes_in(world, client_for):
    page = _sends(client_for("scientist"), pack_id(packs(world).numbers[0]), b"x" * 7_000_000)

    assert page.status == 413


def test_where_is_it_says_that_a_form_was_not_keyed(world, client_for):
    number = packs(world).numbers[0]

    page = client_for("doctor").post("tracking.where", {"number": for_tube(number, 2)})
    assert page.status == 422
    assert "was not keyed yet" in page.words
    stranger = client_for("other_doctor").post("tracking.where", {"number": number})
    assert "Nothing with that number" in stranger.words


def test_a_spare_label_is_tied_on_its_page(world, client_for):
    number = packs(world).numbers[0]
    placed = keyed(world, pack_id(number), tests=("HIV",))
    clerk = client_for("scientist")
    page = clerk.get("packs.spare", request_id=placed.request_id)
    tube = re.search(r'name="tube"[^>]*value="([0-9a-f-]{36})"', page.text)[1]
    refused = clerk.post("packs.spare", {"number": number}, request_id=placed.request_id)
    assert refused.status == 422

    form = {"number": for_tube(number, 6), "tube": tube}
    assert (
        "Tied." in clerk.follow(clerk.post("packs.spare", form, request_id=placed.request_id)).words
    )
    assert (
        "Every tube of this request has a label"
        in clerk.get("packs.spare", request_id=placed.request_id).words
    )


def test_a_form_half_keyed_when_the_screen_locked_is_taken_up_again(world, client_for):
    pack = pack_id(packs(world).numbers[0])
    clerk = client_for("scientist")
    text = urlencode({"pack": str(pack), "surname": "Halfway", "tests": "FBC"})
    with unit_of_work():
        keep_draft("written form", text, actor=world.scientist)

    assert "You had begun to key a form" in clerk.get("forms.start").words
    page = clerk.post("forms.draft", {"do": "take-up"})

    assert value_of(page, "surname") == "Halfway"
    assert "You had begun" not in clerk.get("forms.start").words
    assert clerk.post("forms.draft", {"do": "take-up"}).status == 303
