import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    OBLIQUE,
    REGULAR,
    Lettering,
    can_show,
    clean,
    fit,
    letterings,
    paragraphs,
    width,
    widths,
    wrap,
)

PLAIN = Lettering(REGULAR, 2.0)
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=30)


class TestClean:
    def test_accents_are_composed(self):
        assert clean("Sia\u0302n", field="forenames", font=REGULAR) == "Siân"

    def test_an_accent_without_a_composed_letter_stays(self):
        assert clean("ẹ\u0301", field="forenames", font=REGULAR) == "ẹ\u0301"

    @pytest.mark.parametrize(
        "letter", ["漢", "א", "ل", "\u200e", "\u2067", "\x00", "\t", "\ue000", "\u2028"]
    )
    def test_what_cannot_be_shown_exactly_is_refused(self, letter):
        with pytest.raises(CannotPrint) as refused:
            clean(f"a{letter}b", field="surname", font=BOLD)
        assert refused.value.field == "surname"

    def test_the_refusal_names_the_letter_by_its_code(self):
        with pytest.raises(CannotPrint, match="U\\+6F22"):
            clean("漢", field="surname", font=BOLD)

    def test_the_typewriter_font_takes_no_accents_that_stand_beside_their_letter(self):
        assert not can_show("ẹ\u0301", MONO)
        assert can_show("ẹ\u0301", REGULAR)


class TestWidth:
    def test_width_grows_with_the_size(self):
        assert width("MARSH", Lettering(BOLD, 4)) == pytest.approx(
            2 * width("MARSH", Lettering(BOLD, 2))
        )

    def test_figures_are_all_of_one_width(self):
        assert len({round(width(figure, PLAIN), 6) for figure in "0123456789"}) == 1


class TestFit:
    def test_the_first_size_that_fits_is_taken(self):
        choices = letterings(BOLD, 9.0, 4.0, 2.0)
        room = width("MARSH", Lettering(BOLD, 4.0))
        fitted = fit("MARSH", field="surname", room=room, choices=choices)
        assert fitted.lettering.size == 4.0

    def test_what_fits_no_size_is_refused(self):
        with pytest.raises(CannotPrint, match="5 characters do not fit one line") as refused:
            fit("MARSH", field="surname", room=1, choices=letterings(BOLD, 4.0, 2.0))
        assert refused.value.field == "surname"

    def test_a_name_breaks_after_its_hyphen(self):
        room = width("WORTHINGTON-", Lettering(BOLD, 3))
        fitted = fit(
            "WORTHINGTON-SMYTHE", field="s", room=room, choices=letterings(BOLD, 3), lines=2
        )
        assert fitted.lines == ("WORTHINGTON-", "SMYTHE")


class TestWrap:
    def test_a_word_wider_than_the_room_does_not_fit(self):
        assert wrap("antidisestablishmentarianism", PLAIN, 5) is None

    @given(WORDS)
    def test_wrapping_loses_nothing_and_keeps_to_the_room(self, words):
        lines = wrap(" ".join(words), PLAIN, 20)
        assert lines is not None
        assert " ".join(lines).split() == words
        assert max(width(line, PLAIN) for line in lines) <= 20

    def test_paragraphs_keep_the_writers_own_lines(self):
        lines = paragraphs("one\r\n\r\ntwo", field="clinical_details", room=50, lettering=PLAIN)
        assert lines == ("one", "", "two")


@pytest.mark.parametrize("font", [REGULAR, BOLD, MONO, OBLIQUE])
def test_every_font_has_every_plain_letter(font):
    plain = "".join(chr(code) for code in range(32, 127))
    assert set(plain) <= widths(font).keys()
    assert clean(plain, field="text", font=font) == plain
