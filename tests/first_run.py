"""Walking through the first run with the client of the tests: what is typed on each page."""

from __future__ import annotations

import io
import re

import pypdfium2
from flask import Flask

from lab_contingency.accounts.first_run import services
from lab_contingency.foundation.keys import Cost
from tests.clients import Answer, LabClient

CHEAP = Cost(memory_kib=64, time=1, lanes=1)
ADMINISTRATOR = "nine slow barges upstream"
FIRST, SECOND = "seven grey herons wade", "lanterns under the pier"
PASSPHRASES = (ADMINISTRATOR, FIRST, SECOND)
GROUP = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}\b")


class Console:
    """What stands on the console."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, code: str, _ends_at: object) -> None:
        self.said.append(code)

    @property
    def code(self) -> str:
        return self.said[-1]


def offered(app: Flask) -> Console:
    """The application shows its codes on this console; opening a custodian's slot costs next to nothing."""
    console, held = Console(), services.first_run_of(app)
    held.cost = CHEAP
    held.begin(console)
    return console


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def groups_of(client: LabClient) -> str:
    """As somebody types them from the printed sheet."""
    found = GROUP.findall(text_of(client.get("first_run.sheet").data))
    return " ".join(found[:8])


def number_of(client: LabClient) -> str:
    """As a scanner reads it from the printed label."""
    (found,) = re.findall(r"\b\d\d \d \d{6} \d\d \d\b", text_of(client.get("first_run.label").data))
    return found.replace(" ", "")


def person(name: str, passphrase: str, **more: str) -> dict[str, str]:
    return {"name": name, "passphrase": passphrase, "again": passphrase, **more}


def given(client: LabClient, step: str) -> dict[str, str]:
    """What belongs on a page."""
    known = {
        "administrator": person("Anna Fraser", ADMINISTRATOR, username="Anna.Fraser"),
        "first-custodian": person("Bo Adeyemi", FIRST),
        "second-custodian": person("Chika Obi", SECOND),
        "clock": {"right": "y"},
    }
    if step == "sheet-typed-back":
        return {"groups": groups_of(client)}
    if step == "label":
        return {"number": number_of(client)}
    return known.get(step, {})


STEPS = (
    "administrator",
    "first-custodian",
    "second-custodian",
    "recovery-sheet",
    "sheet-typed-back",
    "key-file",
    "clock",
    "label",
    "network",
    "finish",
)


def begin(client: LabClient, code: str) -> LabClient:
    assert client.post("first_run.give_code", {"code": code}).location.endswith("/administrator")
    return client


def answer(client: LabClient, step: str, data: dict[str, str] | None = None) -> Answer:
    return client.post(
        "first_run.take_step", given(client, step) if data is None else data, step=step
    )


def walk(client: LabClient, until: str = "finish") -> LabClient:
    """Every step before `until`, as it should be."""
    for step in STEPS[: STEPS.index(until)]:
        reply = answer(client, step)
        assert reply.status == 303, reply.words
    return client
