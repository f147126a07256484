"""Anchors: words and code hold the same 80 bits, and a typing slip is told as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.audit.anchors import code_of, read_anchor, words_of
from lab_contingency.foundation.errors import RuleBroken

digests = st.integers(0, 2**256 - 1).map(lambda n: f"{n:064x}")
CONSONANTS, VOWELS = set("bdfghklmnprstvwz"), set("aeio")
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(digests)
def test_words_and_code_read_back_as_the_beginning_of_the_digest(digest):
    assert read_anchor(words_of(digest)).begins == digest[:20]
    assert read_anchor(code_of(digest)).begins == digest[:20]


@given(digests)
def test_words_can_be_pronounced_and_the_code_has_four_groups(digest):
    words = words_of(digest).split()
    groups = code_of(digest).split("-")

    assert [len(word) for word in words] == [5, 5, 5, 5, 5, 2]
    for word in words:
        assert set(word[::2]) <= CONSONANTS
        assert set(word[1::2]) <= VOWELS
    assert [len(group) for group in groups] == [4, 4, 4, 4, 1]
    assert set("".join(groups)) <= set(SIGNS)


@given(digests)
def test_case_spaces_and_hyphens_do_not_matter(digest):
    words, code = words_of(digest), code_of(digest)
    for typed in (words.upper(), words.replace(" ", "-"), words.replace(" ", ""), f" {words}\n"):
        assert read_anchor(typed).begins == digest[:20]
    for typed in (code.lower(), code.replace("-", " "), code.replace("-", "")):
        assert read_anchor(typed).begins == digest[:20]


def test_letters_that_look_like_digits_are_read_as_those():
    digest = "0" * 64
    code = code_of(digest)

    assert read_anchor(code.replace("0", "O")).begins == digest[:20]
    assert read_anchor(code_of("08421" * 4 + "0" * 44).replace("1", "l")).begins == "08421" * 4


@given(digests, st.data())
def test_any_one_wrong_sign_of_a_code_is_told_as_a_slip(digest, data):
    code = code_of(digest).replace("-", "")
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([sign for sign in SIGNS if sign != code[place]]))

    with pytest.raises(RuleBroken, match="typing slip"):
        read_anchor(code[:place] + other + code[place + 1 :])


@given(digests, st.data())
def test_any_one_wrong_letter_of_the_words_is_told_as_a_slip(digest, data):
    words = words_of(digest).replace(" ", "")
    place = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(
        st.sampled_from([s for s in "abcdefghijklmnopqrstuvwxyz" if s != words[place]])
    )

    with pytest.raises(RuleBroken, match="typing slip"):
        read_anchor(words[:place] + other + words[place + 1 :])


@given(digests, st.data())
def test_any_two_signs_that_changed_places_are_told_as_a_slip(digest, data):
    code = code_of(digest).replace("-", "")[:-1]
    check = code_of(digest)[-1]
    one, other = sorted(
        data.draw(st.lists(st.integers(0, 15), min_size=2, max_size=2, unique=True))
    )
    turned = list(code)
    turned[one], turned[other] = turned[other], turned[one]
    if turned != list(code):
        with pytest.raises(RuleBroken, match="typing slip"):
            read_anchor("".join(turned) + check)


@pytest.mark.parametrize(
    "typed", ["", "bifol", "1234-5678", "bifol " * 6, "x" * 17 + "-", "é" * 27]
)
def test_what_is_no_anchor_is_said_to_be_none(typed):
    with pytest.raises(RuleBroken):
        read_anchor(typed)


def test_a_scan_that_was_cut_off_is_refused():
    with pytest.raises(RuleBroken, match="not whole"):
        read_anchor("LAB-ANCHOR/1 node=41 n=3 digest=00ff")
