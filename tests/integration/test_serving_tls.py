"""The program on a network, started as people start it: TLS for everybody, and nothing in the clear."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import warnings

import pytest

from tests.serving import HANG_GUARD, Tap, ask, own_address, program, to_the_end

ALL = "0.0.0.0"  # noqa: S104
NAME = "Featherstonehaugh"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with program(
        tmp_path_factory.mktemp("served"), "--host", ALL, "--name", "lab.hospital.example", "--log"
    ) as started:
        yield started


def _shake(served, context: ssl.SSLContext, name: str = "localhost") -> str:
    with (
        socket.create_connection(("127.0.0.1", served.port), HANG_GUARD) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return secure.version()


def test_the_console_says_the_fingerprint_and_where_to_go(served):
    shown = re.search(r"SHA-256: ([0-9A-F:]{95})$", served.text, re.MULTILINE)[1]
    pem = (served.data / "tls" / "authority.crt").read_text()

    assert (
        shown.replace(":", "").lower() == hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    )
    assert served.scheme == "https"
    assert f"https://lab.hospital.example:{served.port}/" in served.text
    assert "http://" not in served.text


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_of_today_is_spoken(served, version):
    context = served.trusting()
    context.minimum_version = context.maximum_version = version

    assert (
        _shake(served, context)
        == {
            ssl.TLSVersion.TLSv1_2: "TLSv1.2",
            ssl.TLSVersion.TLSv1_3: "TLSv1.3",
        }[version]
    )


@pytest.mark.parametrize("name", ["TLSv1", "TLSv1_1"])
def test_tls_of_yesterday_is_refused(served, name):
    context = served.trusting()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion[name]
    context.set_ciphers("ALL:@SECLEVEL=0")

    with pytest.raises((ssl.SSLError, ConnectionError)) as refused:
        _shake(served, context)

    assert "NO_PROTOCOLS_AVAILABLE" not in str(refused.value), (
        "this client could not have spoken it"
    )


def test_ciphers_of_older_modes_are_refused(served):
    context = served.trusting()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AES:!AESGCM:!AESCCM")

    with pytest.raises((ssl.SSLError, ConnectionError)):
        _shake(served, context)


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1", "lab.hospital.example", socket.gethostname().lower()]
)
def test_the_certificate_holds_for_every_name_of_this_computer(served, name):
    assert _shake(served, served.trusting(), name)


def test_the_certificate_holds_for_the_address_that_others_use(served):
    address = own_address() or "127.0.0.1"

    assert served.ask("/sign-in", host=address).status == 200


@pytest.mark.parametrize("name", ["elsewhere.example", "203.0.113.9"])
def test_it_holds_for_no_other_name(served, name):
    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        _shake(served, served.trusting(), name)


def test_a_device_that_did_not_install_the_authority_is_warned(served):
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake(served, ssl.create_default_context())


@pytest.mark.parametrize(
    "asked",
    [
        b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nusername=",
        b"GET /static/css/base.css HTTP/1.0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["page", "form", "static", "expects", "nonsense"],
)
def test_plain_http_gets_a_sentence_and_never_a_page(served, asked):
    with socket.create_connection(("127.0.0.1", served.port), HANG_GUARD) as one:
        one.sendall(asked)
        answer = to_the_end(one)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert body == b"This address is protected. Type https:// in front of it.\r\n"
    assert b"Location" not in head
    assert b"Set-Cookie" not in head


def test_the_cookie_is_bound_to_this_host_and_to_tls(served):
    page = served.ask("/sign-in")

    assert [cookie.split("=")[0] for cookie in page.cookies] == ["__Host-lab_session"]
    flags = {part.strip() for part in page.cookies[0].split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= flags
    assert not [flag for flag in flags if flag.startswith("Domain")]


def test_browsers_are_told_to_come_over_tls_only(served):
    assert served.ask("/sign-in").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_localhost_is_not_closed_to_plain_programs_of_the_same_computer(served):
    assert "Strict-Transport-Security" not in served.ask("/sign-in", host="localhost").headers


def test_the_server_says_nothing_about_itself(served):
    for answer in (served.ask("/sign-in"), served.ask("/no-such-page")):
        assert "Server" not in answer.headers
        assert "waitress" not in str(answer.headers).lower() + answer.text.lower()


@pytest.mark.parametrize(
    "host", ["evil.example", "192.168.77.77", "", "a b", "localhost.evil.example"]
)
def test_another_sites_name_gets_no_page(served, host):
    answer = served.ask("/sign-in", headers={"Host": host})

    assert answer.status == 400
    assert "Set-Cookie" not in answer.headers
    assert host == "" or host not in answer.text


@pytest.mark.parametrize(
    "host", ["localhost:9", "LOCALHOST", "127.0.0.1", "lab.hospital.example:1"]
)
def test_our_own_names_are_answered_whatever_the_port(served, host):
    assert served.ask("/sign-in", headers={"Host": host}).status == 200


def test_on_the_wire_nobody_reads_a_name(served):
    with Tap(served.port) as tap:
        form = f"username={NAME}&passphrase={NAME}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = ask(
            "127.0.0.1",
            tap.port,
            f"/{NAME}?{NAME}",
            served.trusting(),
            method="POST",
            body=form,
            headers=headers,
        )

    went = b"".join(tap.heard)
    assert answer.status >= 400
    assert len(went) > 2000, "the tap heard nothing"
    assert NAME.encode() not in went
    assert b"HTTP/1.1" not in went


def test_the_log_names_the_kind_of_page_and_nothing_of_what_was_asked(served):
    served.ask(f"/requests/{NAME}?surname={NAME}")
    served.ask(f"/sign-in?next=/{NAME}")

    assert NAME not in served.text
    assert re.search(r"127\.0\.0\.1 GET /sign-in 200$", served.text, re.MULTILINE)
    assert re.search(r"127\.0\.0\.1 GET - 404$", served.text, re.MULTILINE)


def test_the_authority_is_handed_out_with_what_it_is_compared_by(served):
    page = served.ask("/authority")
    held = served.ask("/authority.crt")
    text = served.ask("/authority.pem")

    shown = re.sub(r"<[^>]+>|\s", "", page.text)
    digest = hashlib.sha256(held.body).hexdigest().upper()
    assert ":".join(re.findall("..", digest)[:4]) in shown
    assert held.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert ssl.PEM_cert_to_DER_cert(text.text) == held.body
    assert text.body == (served.data / "tls" / "authority.crt").read_bytes()
    for device in ("Windows", "Android", "iPhone", "Firefox"):
        assert device in page.text


def test_no_key_lies_open_but_the_servers_own(served):
    files = {file.name: file for file in (served.data / "tls").iterdir()}

    assert set(files) == {"authority.crt", "authority.key", "server.pem"}
    assert {file.stat().st_mode & 0o777 for file in files.values()} == {0o600}
    assert (served.data / "tls").stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE KEY" not in files["authority.key"].read_bytes()
    with pytest.raises(ssl.SSLError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            files["authority.crt"], files["authority.key"]
        )
