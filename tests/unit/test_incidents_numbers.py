"""Numbers: made, read, and every way of misreading one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import damm

from lab_contingency.incidents.rules import (
    SEQUENCE_MOST,
    Height,
    PaperKind,
    after_restore,
    check_digit,
    compose,
    compose_paper,
    for_tube,
    foreign_barcode,
    form_of_pack,
    grouped,
    height_on_label,
    pack_number,
    read_number,
    read_slip_number,
    with_check_digit,
)

DIGITS = st.text("0123456789", min_size=1, max_size=20)
PARTS = st.tuples(
    st.integers(10, 99), st.integers(0, 9), st.integers(1, SEQUENCE_MOST), st.integers(0, 99)
)
NUMBERS = PARTS.map(lambda parts: compose(*parts))


@given(DIGITS)
def test_the_check_digit_is_that_of_damm(digits):
    assert check_digit(digits) == damm.calc_check_digit(digits)
    assert damm.is_valid(with_check_digit(digits))


@given(PARTS)
def test_a_number_is_read_as_the_parts_it_was_made_of(parts):
    number = compose(*parts)
    read = read_number(number)

    assert (len(number), read.text, read.tube) == (12, number, parts[3])
    assert read.form == compose(*parts[:3])
    assert read.is_form is (parts[3] == 0)
    assert for_tube(read.form, parts[3]) == number


@given(NUMBERS, st.integers(0, 11), st.integers(1, 9))
def test_one_digit_misread_is_always_noticed(number, place, by):
    digit = str((int(number[place]) + by) % 10)

    with pytest.raises(ValueError, match="check digit"):
        read_number(number[:place] + digit + number[place + 1 :])


@given(NUMBERS, st.integers(0, 10))
def test_two_neighbouring_digits_exchanged_are_always_noticed(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    if swapped == number:
        assert read_number(swapped).text == number
    else:
        with pytest.raises(ValueError, match="check digit"):
            read_number(swapped)


@given(NUMBERS)
def test_a_number_is_read_as_it_is_grouped_on_paper(number):
    assert read_number(grouped(number)).text == number
    assert read_number(f" {number[:6]}-{number[6:]}\n").text == number
    assert [len(group) for group in grouped(number).split()] == [2, 1, 6, 2, 1]


def test_the_number_of_the_design_is_grouped_as_it_is_said():
    assert grouped(compose(41, 1, 4711, 2)) == "41 1 004711 02 " + compose(41, 1, 4711, 2)[-1]


@pytest.mark.parametrize(
    "parts",
    [
        (9, 1, 1, 0),
        (100, 1, 1, 0),
        (41, 10, 1, 0),
        (41, 1, 0, 0),
        (41, 1, 10**6, 0),
        (41, 1, 1, 100),
    ],
)
def test_parts_that_do_not_fit_make_no_number(parts):
    with pytest.raises(ValueError, match="no number"):
        compose(*parts)


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        ("", "Scan or type"),
        ("41100471", "8 digits"),
        ("4110047110213456", "16 digits"),
        ("41100471102A", "twelve digits"),
        ("４１１００４７１１０２３", "twelve digits"),
        ("9992173858", "NHS number"),
        ("999 217 3858", "NHS number"),
        ("4505577104", "NHS number"),
        ("=G123498654321H", "ISBT 128"),
        ("G12349865432100", "ISBT 128"),
        ("=<E0123V00", "ISBT 128"),
        ("&>00127", "ISBT 128"),
        ("]C18018123456789012345678", "GS1"),
        ("(8018)123456789012345675", "GS1"),
        ("(01)05012345678900", "GS1"),
        ("5012345678900", "shop barcode"),
    ],
)
def test_a_barcode_of_another_system_is_refused_by_name(scanned, words):
    with pytest.raises(ValueError, match=words):
        read_number(scanned)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("01", "consignment"),
        ("02", "slip"),
        ("03", "pack"),
        ("04", "place"),
        ("05", "SITREP"),
        ("09", "another paper"),
    ],
)
def test_the_number_of_another_paper_of_ours_is_refused_by_name(kind, name):
    with pytest.raises(ValueError, match=name):
        read_number(with_check_digit(f"{kind}000000123"))


@given(st.text(max_size=30))
def test_whatever_is_scanned_is_read_or_refused_with_a_sentence(scanned):
    try:
        read = read_number(scanned)
    except ValueError as refused:
        assert str(refused).endswith(".")
    else:
        assert len(read.text) == 12


@given(NUMBERS)
def test_no_number_of_ours_is_taken_for_one_of_another_system(number):
    assert foreign_barcode(number) is None


@given(PARTS)
def test_a_slip_number_is_no_form_and_a_form_number_is_no_slip(parts):
    slip = compose_paper(PaperKind.SLIP, *parts[:3])

    assert read_slip_number(grouped(slip)) == slip
    assert read_slip_number(compose(41, 1, 4711)) is None
    with pytest.raises(ValueError, match="slip"):
        read_number(slip)


@given(PARTS)
@pytest.mark.feature(63)
def test_a_pack_and_its_form_lead_to_each_other(parts):
    form = compose(*parts[:3])
    pack = pack_number(form)

    assert (pack[:2], len(pack), form_of_pack(grouped(pack))) == ("03", 12, form)
    assert form_of_pack(form) is None
    with pytest.raises(ValueError, match="pack"):
        read_number(pack)


@given(PARTS)
def test_every_paper_of_ours_says_how_far_the_numbers_had_gone(parts):
    node, epoch, sequence, _ = parts
    form = compose(node, epoch, sequence)
    papers = (compose(*parts), pack_number(form), compose_paper(PaperKind.SLIP, *parts[:3]))

    assert {height_on_label(paper) for paper in papers} == {Height(node, epoch, sequence)}


@pytest.mark.parametrize("scanned", ["", "12", "410000000000", with_check_digit("04000000001")])
def test_what_is_no_label_of_ours_says_nothing_of_the_numbers(scanned):
    with pytest.raises(ValueError, match=r"\.$"):
        height_on_label(scanned)


@given(st.lists(PARTS, min_size=1, max_size=9))
@pytest.mark.hazard("H25")
def test_after_a_restore_the_numbers_go_on_where_nobody_has_been(seen):
    heights = [Height(41, epoch % 9, sequence) for _, epoch, sequence, _ in seen]

    following = after_restore(heights, 41)

    assert following.epoch > max(height.epoch for height in heights)
    assert compose(following.node, following.epoch, following.sequence + 1)


def test_a_node_that_used_up_its_epochs_takes_a_new_number():
    last = [Height(41, 9, 3)]

    with pytest.raises(ValueError, match="--node"):
        after_restore(last, 41)
    with pytest.raises(ValueError, match="already"):
        after_restore(last, 41, new_node=41)
    with pytest.raises(ValueError, match="10 to 99"):
        after_restore(last, 41, new_node=7)
    assert after_restore(last, 41, new_node=42) == Height(42, 0, 0)


def test_a_label_of_another_node_is_refused_by_name():
    with pytest.raises(ValueError, match="node 52"):
        after_restore([Height(41, 1, 3), Height(52, 1, 9)], 41)
