"""The recovery sheet's groups: typed as people type, and a slip names its group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.keys import RecoverySecret

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRETS = st.binary(min_size=20, max_size=20).map(RecoverySecret)
SECRET = RecoverySecret(bytes.fromhex("00f1e2d3c4b5a69788796a5b4c3d2e1f10203041"))


@given(SECRETS)
def test_groups_typed_back_are_the_secret(secret):
    assert len(secret.groups) == 8
    assert {len(group) for group in secret.groups} == {5}
    assert RecoverySecret.from_text(secret.text) == secret


@pytest.mark.parametrize(
    "typed",
    [
        SECRET.text.lower(),
        " ".join(SECRET.groups),
        "".join(SECRET.groups),
        "\n".join(SECRET.groups) + "\n",
        SECRET.text.replace("0", "O").replace("1", "l"),
        SECRET.text.replace("1", "I"),
        SECRET.text.replace("-", " – "),
    ],
)
def test_however_they_are_written(typed):
    assert RecoverySecret.from_text(typed) == SECRET


def test_the_secret_has_160_bits_and_no_two_are_alike():
    assert len({RecoverySecret.new().raw for _ in range(50)}) == 50
    assert len(RecoverySecret.new().raw) == 20


def test_a_secret_does_not_show_itself_in_a_log():
    assert SECRET.groups[0] not in repr(SECRET)
    assert SECRET.raw.hex() not in repr(SECRET)


@pytest.mark.hazard("H37")
def test_every_slip_of_one_sign_is_caught_and_its_group_named():
    groups = SECRET.groups
    slips = 0
    for place, group in enumerate(groups):
        for at, right in enumerate(group):
            for wrong in set(SIGNS) - {right}:
                typed = [*groups]
                typed[place] = group[:at] + wrong + group[at + 1 :]
                with pytest.raises(RuleBroken, match=rf"^Group {place + 1} is not as printed"):
                    RecoverySecret.from_text(" ".join(typed))
                slips += 1
    assert slips == 8 * 5 * 31


@given(SECRETS, st.integers(0, 7), st.integers(0, 3))
def test_two_neighbouring_signs_exchanged_are_caught(secret, place, at):
    group = secret.groups[place]
    turned = group[:at] + group[at + 1] + group[at] + group[at + 2 :]
    typed = [*secret.groups]
    typed[place] = turned
    if turned == group:
        return
    with pytest.raises(RuleBroken, match=f"^Group {place + 1} "):
        RecoverySecret.from_text(" ".join(typed))


@given(SECRETS, st.integers(0, 7), st.integers(0, 7))
def test_two_groups_exchanged_are_caught(secret, one, other):
    typed = [*secret.groups]
    typed[one], typed[other] = typed[other], typed[one]
    if one == other:
        return
    with pytest.raises(RuleBroken, match=f"^Group {min(one, other) + 1} "):
        RecoverySecret.from_text(" ".join(typed))


def test_a_sign_too_many_or_too_few_names_the_group():
    typed = [*SECRET.groups]
    typed[4] += "7"
    with pytest.raises(RuleBroken, match=r"^Group 5 "):
        RecoverySecret.from_text(" ".join(typed))
    typed[4] = SECRET.groups[4][:4]
    with pytest.raises(RuleBroken, match=r"^Group 5 "):
        RecoverySecret.from_text(" ".join(typed))


@pytest.mark.parametrize("typed", ["", "ABC", " ".join(SECRET.groups[:7]), SECRET.text + "-00000"])
def test_groups_left_out_or_too_many_are_counted(typed):
    with pytest.raises(RuleBroken, match="8 groups of 5 signs"):
        RecoverySecret.from_text(typed)


@pytest.mark.parametrize("sign", ["U", "*", "é", "漢"])
def test_a_sign_that_stands_on_no_sheet_names_the_group(sign):
    typed = [*SECRET.groups]
    typed[2] = sign + typed[2][1:]

    with pytest.raises(RuleBroken, match=r"^Group 3 "):
        RecoverySecret.from_text(" ".join(typed))
