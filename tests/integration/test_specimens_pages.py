"""The pages of tubes: who may, what they show, and what they must never show."""

import pytest

from lab_contingency.incidents.rules import with_check_digit
from lab_contingency.requests.queries import request_view
from lab_contingency.specimens.rules import SpecimenStatus
from tests.clients import without_ids
from tests.factories.tubes import a_collected_tube, collect, label, tube, wristband
from tests.factories.world import a_request, an_identity, make_world

ANSWERS = {"transfused_or_pregnant_3_months": "no", "units": "2", "needed_by": "04:00"}
IDENTIFIERS = (
    "Woźniak",
    "WOŹNIAK",
    "Siân",
    "04-Nov-1958",
    "1958",
    "H0000001",
    "999 ",
    "Haematemesis",
)


@pytest.fixture
def world(app):
    with app.app_context():
        return make_world()


@pytest.fixture
def person(app, world):
    """A client signed in as somebody of the world."""

    def signed_in(name):
        client = app.test_client()
        client.post(f"/sign-in/demonstration/{world.people[name].user_id}")
        return client

    return signed_in


def card(app, world, *tests, **changes):
    with app.app_context():
        return a_request(world, tests=tests, answers=ANSWERS, **changes).request_id


def number_of(app, world, request_id):
    with app.app_context():
        return request_view(request_id, world.doctor).number


def labelled(app, world, request_id):
    with app.app_context():
        return [one.number for one in label(world, request_id).labels]


def held(app, request_id, place=0):
    with app.app_context():
        return tube(request_id, place)


def assert_names_nobody(page):
    text = without_ids(page.text)
    assert [word for word in IDENTIFIERS if word in text] == []


def request_version(app, world, request_id):
    with app.app_context():
        return str(request_view(request_id, world.doctor).version)


def held_nhs(app, world, request_id):
    with app.app_context():
        return request_view(request_id, world.doctor).patient.nhs_number


def test_a_requester_prints_labels_and_form_as_pdf(app, world, person):
    request_id = card(app, world, "FBC", "GS")
    doctor = person("doctor")

    labels = doctor.post(f"/requests/{request_id}/labels")
    form = doctor.post(f"/requests/{request_id}/form")

    for answer in (labels, form):
        assert answer.status_code == 200
        assert answer.content_type == "application/pdf"
        assert answer.data.startswith(b"%PDF")
        assert "41" not in answer.headers["Content-Disposition"]


def test_a_second_print_asks_why_and_then_comes_out(app, world, person):
    request_id = card(app, world, "FBC")
    doctor = person("doctor")
    doctor.post(f"/requests/{request_id}/labels")

    asked = doctor.post(f"/requests/{request_id}/labels")
    printed = doctor.post(f"/requests/{request_id}/labels", data={"reason": "JAM"})

    assert asked.status_code == 422
    assert "Why is it printed again?" in asked.text
    assert printed.content_type == "application/pdf"


@pytest.mark.hazard("H03")
def test_asking_for_the_label_of_a_transfusion_tube_is_refused_in_words(app, world, person):
    request_id = card(app, world, "GS")
    pink = held(app, request_id).planned_tube_id

    answer = person("doctor").post(f"/requests/{request_id}/labels", data={"tubes": [str(pink)]})

    assert answer.status_code == 422
    assert "gets no printed label" in answer.text


def test_the_blank_card_needs_no_sign_in(app, world):
    answer = app.test_client().get("/blank-form")

    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")


@pytest.mark.parametrize("path", ["/print", "/carry", "/collect", "/receive"])
def test_strangers_are_sent_to_sign_in(app, world, path):
    answer = app.test_client().get(path)

    assert answer.status_code == 303
    assert "/sign-in" in answer.location


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("porter", "/print", 200),
        ("porter", "/carry", 200),
        ("porter", "/receive", 403),
        ("porter", "/collect", 403),
        ("doctor", "/collect", 200),
        ("doctor", "/print", 403),
        ("doctor", "/receive", 403),
        ("scientist", "/receive", 200),
        ("partner", "/receive", 200),
        ("coordinator", "/receive", 403),
    ],
)
def test_each_role_has_its_own_pages(app, world, person, name, path, status):
    assert person(name).get(path).status_code == status


def test_porters_pages_contain_no_identifier(app, world, person):
    request_id = card(app, world, "FBC", "UE", "GS")
    form_number = number_of(app, world, request_id)
    porter = person("porter")

    pages = [
        porter.get("/print"),
        porter.get("/print", headers={"HX-Request": "true"}),
        porter.post("/print/scan", data={"number": form_number}),
    ]
    numbers = labelled(app, world, request_id)
    with app.app_context():
        collect(world, request_id)
    taken = porter.post("/carry", data={"number": numbers[0]}, follow_redirects=True)
    bag = porter.post("/carry", data={"number": form_number}, follow_redirects=True)
    refused = porter.post("/carry", data={"number": "41100471"})

    for page in (*pages, taken, bag, refused):
        assert_names_nobody(page)
    assert "ED Resus" in pages[0].text
    assert "1 transfusion tube prints" in pages[0].text
    assert numbers[0][3:9] in taken.text
    assert refused.status_code == 422


def test_a_ward_is_printed_with_one_press(app, world, person):
    card(app, world, "FBC")
    porter = person("porter")

    printed = porter.post(f"/print/{world.wards['KCH-ED-RESUS']}")
    after = porter.get("/print")

    assert printed.content_type == "application/pdf"
    assert "Nothing waits to be printed" in after.text


def test_a_card_that_came_out_is_printed_again_only_with_a_reason(app, world, person):
    request_id = card(app, world, "FBC")
    porter = person("porter")
    porter.post(f"/print/cards/{request_id}")

    asked = porter.post(f"/print/cards/{request_id}")
    again = porter.post(f"/print/cards/{request_id}", data={"reason": "TORN"})

    assert asked.status_code == 422
    assert_names_nobody(asked)
    assert again.content_type == "application/pdf"


@pytest.mark.feature(22)
@pytest.mark.feature(23)
def test_a_nurse_reads_wristband_and_labels_and_saves_the_collection(app, world, person):
    request_id = card(app, world, "FBC", "UE")
    numbers = labelled(app, world, request_id)
    nurse = person("doctor")

    shown = nurse.post("/collect", data={"number": numbers[0]}, follow_redirects=True)
    one, two = (str(held(app, request_id, place).planned_tube_id) for place in (0, 1))
    version = request_version(app, world, request_id)
    path = f"/requests/{request_id}/collect"
    with app.app_context():
        band = wristband(request_id)
    nurse.post(path, data={"number": band, "version": version})
    nurse.post(path, data={"number": numbers[0], "holding": one, "version": version})
    ticked = nurse.post(
        path, data={"number": numbers[1], "holding": two, "tubes": [one], "version": version}
    )
    saved = nurse.post(
        f"/requests/{request_id}/collect",
        data={
            "do": "save",
            "tubes": [one, two],
            "version": version,
            "collected_at": "00:01",
            "collected_by": "N. Patel",
            "method": "vein",
        },
    )

    assert "WOŹNIAK" in shown.text
    assert 'name="tubes"' not in shown.text
    assert "All agree. Save" in ticked.text
    assert saved.status_code == 303
    assert held(app, request_id).status is SpecimenStatus.COLLECTED


@pytest.mark.hazard("H01")
def test_a_label_of_another_patient_stops_the_round(app, world, person):
    request_id = card(app, world, "FBC")
    somebody = an_identity(2, surname="Smith", hospital_number="H0000002")
    other = card(app, world, "UE", identity=somebody)
    labelled(app, world, request_id)
    foreign = labelled(app, world, other)[0]

    answer = person("doctor").post(f"/requests/{request_id}/collect", data={"number": foreign})

    assert answer.status_code == 422
    assert "STOP. This label belongs to another patient" in answer.text
    assert "Save: these are taken" not in answer.text


def test_the_wrong_time_of_a_collection_is_put_right(app, world, person):
    request_id = card(app, world, "FBC")
    with app.app_context():
        a_collected_tube(world, request_id)
    planned = held(app, request_id).planned_tube_id

    path = f"/requests/{request_id}/tubes/{planned}/collection"
    shown = person("doctor").get(path)
    refused = person("doctor").post(path, data={"collected_at": "99:99"})

    assert shown.status_code == 200
    assert refused.status_code == 422


def test_a_corrected_patient_voids_the_labels_in_the_same_moment(app, world, person):
    request_id = card(app, world, "FBC")
    labelled(app, world, request_id)
    doctor = person("doctor")
    path = f"/requests/{request_id}/correct-patient"

    done = doctor.post(
        path,
        data={
            "version": request_version(app, world, request_id),
            "surname": "Woźniak-O’Neill",
            "forenames": "Siân Mair",
            "born": "04-Nov-1958",
            "sex": "F",
            "nhs_number": held_nhs(app, world, request_id),
            "hospital_number": "H0000001",
            "issuer": "RJZ",
            "reason": "wristband read again",
            "checked": "y",
        },
    )

    assert done.status_code == 303
    assert held(app, request_id).status is SpecimenStatus.UNLABELLED


def test_requests_of_another_site_do_not_exist_for_a_requester(app, world, person):
    request_id = card(app, world, "FBC")
    planned = held(app, request_id).planned_tube_id
    stranger = person("other_doctor")

    answers = [
        stranger.post(f"/requests/{request_id}/labels"),
        stranger.post(f"/requests/{request_id}/form"),
        stranger.get(f"/requests/{request_id}/collect"),
        stranger.get(f"/requests/{request_id}/tubes/{planned}/collection"),
        stranger.post(f"/requests/{request_id}/recollect"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("scientist", "/receive"),
        ("porter", "/carry"),
        ("doctor", "/collect"),
        ("porter", "/print/scan"),
    ],
)
def test_a_number_nobody_knows_is_said_on_the_scan_field(app, world, person, name, path):
    answer = person(name).post(path, data={"number": with_check_digit("41100999901")})

    assert answer.status_code == 422
    assert "No request here has" in answer.text


@pytest.mark.hazard("H19")
def test_a_patient_identified_later_keeps_the_tubes_under_the_prepared_name(app, world, person):
    identity = an_identity(
        surname="Tango",
        forenames="Zulu",
        nhs_number="",
        hospital_number="1234567",
        unidentified=True,
    )
    request_id = card(app, world, "FBC", identity=identity)
    labelled(app, world, request_id)

    done = person("doctor").post(
        f"/requests/{request_id}/identify",
        data={
            "version": request_version(app, world, request_id),
            "surname": "Smith",
            "forenames": "Ann",
            "born": "04-Nov-1958",
            "sex": "F",
            "nhs_number": "",
            "hospital_number": "7654321",
            "issuer": "RJZ",
            "reason": "family came",
            "checked": "y",
        },
    )

    assert done.status_code == 303
    assert held(app, request_id).status is SpecimenStatus.LABELLED
