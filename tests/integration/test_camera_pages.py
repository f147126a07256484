"""The camera pages: who may, which policy they carry, and that they name nobody."""

import pytest

from lab_contingency.foundation.web.headers import CONTENT_SECURITY_POLICY
from lab_contingency.requests.queries import request_view
from lab_contingency.specimens.queries import tubes_of
from tests.factories.tubes import assign, collect, label, wristband
from tests.factories.world import a_request

PAGES = {"camera_carry": "porter", "camera_receive": "scientist", "camera_collect": "doctor"}
IDENTIFIERS = (
    "Woźniak",
    "WOŹNIAK",
    "Siân",
    "04-Nov-1958",
    "H0000001",
    "999 ",
    "Haematemesis",
    "FBC",
)


@pytest.mark.parametrize(("page", "name"), PAGES.items())
def test_the_camera_is_allowed_on_its_own_pages_alone(world, client_for, page, name):
    client = client_for(name)
    headers = client.get(f"specimens.{page}").response.headers
    others = client.get("accounts.my_sign_ins").response.headers

    policy = headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "media-src 'self'" in policy
    assert headers["Permissions-Policy"].endswith("camera=(self)")
    assert others["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert others["Permissions-Policy"].endswith("camera=()")


def test_the_reader_is_served_from_here_as_what_it_is(client_for, world):
    page = client_for("porter").get("specimens.camera_carry")
    address = next(e.get("data-reader") for e in page.tree.iter() if e.get("data-reader"))
    answer = client_for("porter").open(address)

    assert address.startswith("/static/vendor/zxing_reader.wasm")
    assert answer.response.mimetype == "application/wasm"
    assert answer.data.startswith(b"\x00asm")
    answer.response.close()


@pytest.mark.parametrize(("page", "name"), PAGES.items())
def test_each_role_has_its_own_camera(world, client_for, page, name):
    allowed = {each: client_for(each).get(f"specimens.{page}").status for each in PAGES.values()}

    assert {each for each, status in allowed.items() if status == 200} == {name}
    assert client_for().get(f"specimens.{page}").status == 303


@pytest.mark.hazard("T12")
def test_no_page_under_the_camera_names_a_patient(world, client_for):
    request_id = a_request(world).request_id
    assign(world, request_id)
    label(world, request_id)
    (tube,) = tubes_of(request_id)
    doctor, scientist = client_for("doctor"), client_for("scientist")
    seen = [doctor.get("specimens.collect_page", camera=1)]
    answer = doctor.post("specimens.collect_scan", {"number": tube.number, "camera": "1"})
    assert "camera=1" in answer.location
    seen.append(doctor.follow(answer))
    version = request_view(request_id, world.doctor).version
    for number in ("4000000004", wristband(request_id), tube.number):
        scan = {"number": number, "camera": "1", "version": version}
        scan["holding"] = str(tube.planned_tube_id)
        seen.append(doctor.post("specimens.collected", scan, request_id=request_id))
    collect(world, request_id)
    received = scientist.post("specimens.receive_scan", {"number": tube.number, "camera": "1"})
    seen.append(scientist.follow(received))
    form = request_view(request_id, world.doctor).number
    seen.append(scientist.post("specimens.receive_scan", {"number": form, "camera": "1"}))

    assert [page.status for page in seen] == [200, 200, 422, 200, 200, 200, 422]
    assert "All agree. Save" in seen[4].words
    assert "compared with its form at a computer" in seen[-1].words
    for page in seen:
        assert not [word for word in IDENTIFIERS if word in page.text], page.words
