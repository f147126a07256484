"""The pages that stand once above a batch of packs: instructions, menu, order of draw, telephones. In mm."""

from collections.abc import Sequence

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks
from lab_contingency.printing.pack_content import (
    DrawStep,
    MenuSection,
    Name,
    PackBatch,
    Step,
    Telephone,
    TelephoneGroup,
)
from lab_contingency.printing.pack_intervals import draw_intervals
from lab_contingency.printing.pack_sheet import (
    GAP,
    ROOM,
    SECTION,
    WIDE,
    begin_page,
    heading_block,
    in_columns,
)
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Lettering,
    clean,
    fit,
    letterings,
    paragraphs,
)

_STEP, _STEP_WORDS = Lettering(BOLD, 5.2), Lettering(REGULAR, 4.4)
_STEP_PITCH = 5.9
_NUMBER = Lettering(BOLD, 8.0)
_OFFERED = Lettering(REGULAR, 3.5)
_STOPPED, _INSTEAD = Lettering(BOLD, 3.5), Lettering(REGULAR, 3.2)
# Sizes of the names of tests beside a tube, with the distance of their lines.
_TEST_SIZES = ((3.4, 4.2), (3.0, 3.8), (2.6, 3.3), (2.3, 2.9), (2.0, 2.5))


def draw_guides(paper: Paper, batch: PackBatch) -> None:
    """Draw the pages in the order in which somebody new on the ward reads them."""
    _draw_instructions(paper, batch)
    _draw_order(paper, batch)
    _draw_menu(paper, batch)
    draw_intervals(paper, batch)
    _draw_telephones(paper, batch)
    if batch.names:
        _draw_names(paper, batch)


def _draw_names(paper: Paper, batch: PackBatch) -> None:
    line = "For a patient nobody can identify. One name, one patient: cut it off and keep it with the patient."
    pen = begin_page(paper, batch, "Nobody knows who it is?", line)
    high = min(48.0, ROOM / len(batch.names))
    for place, name in enumerate(batch.names):
        _draw_name(pen.moved(0, place * high), name, high - 6.0)


def _draw_name(pen: Pen, name: Name, high: float) -> None:
    corners = [(0.0, 0.0), (WIDE, 0.0), (WIDE, high), (0.0, high), (0.0, 0.0)]
    pen.dashed(corners, 0.3)
    said = f"{name.surname} {name.forename}"
    fitted = fit(said, field="names", room=WIDE - 8.0, choices=letterings(BOLD, 9.0, 7.6, 6.4))
    pen.write(4.0, 11.0, fitted.lines[0], fitted.lettering)
    number = clean(f"number {name.number}", field="names", font=BOLD)
    pen.write(4.0, 19.6, number, Lettering(BOLD, 5.6))
    pen.write(
        4.0, 27.0, "On wristband, form and every label: this name, this number, no other.", _OFFERED
    )
    _draw_lines(pen.moved(4.0, high - 5.0), ("age as guessed", "sex", "found where and when"))


def _draw_lines(pen: Pen, captions: Sequence[str]) -> None:
    x = 0.0
    for caption, wide in zip(captions, (36.0, 22.0, 110.0), strict=True):
        pen.line(x, 0, x + wide, 0)
        pen.write(x, 3.4, caption, Lettering(REGULAR, 2.5))
        x += wide + 6.0


def _draw_instructions(paper: Paper, batch: PackBatch) -> None:
    pen = begin_page(paper, batch, f"Paper packs for {batch.ward}", batch.summary)
    blocks = [_step_block(place, step) for place, step in enumerate(batch.steps, 1)]
    never = _never_block(batch.never)
    if sum(block.height for block in (*blocks, never)) > ROOM:
        raise CannotPrint("Too long for one page. Shorten it.", field="steps")
    draw_blocks(pen, [*blocks, never])


def _step_block(place: int, step: Step) -> Block:
    room = WIDE - 16.0
    lines = paragraphs(step.words, field="steps", room=room, lettering=_STEP_WORDS)
    heading = clean(step.heading, field="steps", font=BOLD)
    height = 13.5 + _STEP_PITCH * len(lines)

    def draw(pen: Pen) -> None:
        pen.box(0, 0.6, 11.0, 11.0, 0.5)
        pen.write_centred(5.5, 8.9, str(place), _NUMBER)
        pen.write(16.0, 4.6, heading, _STEP)
        for number, line in enumerate(lines):
            pen.write(16.0, 11.2 + _STEP_PITCH * number, line, _STEP_WORDS)

    return Block(height, draw, "steps")


def _never_block(sentences: Sequence[str]) -> Block:
    lettering = Lettering(BOLD, 4.2)
    lines = [
        line
        for sentence in sentences
        for line in paragraphs(sentence, field="never", room=WIDE - 12.0, lettering=lettering)
    ]
    height = 7.0 + 6.0 * len(lines)

    def draw(pen: Pen) -> None:
        pen.box(0, 1.0, WIDE, height - 1.0, 1.0)
        for number, line in enumerate(lines):
            pen.write(6.0, 8.0 + 6.0 * number, line, lettering)

    return Block(height, draw, "never")


def _draw_order(paper: Paper, batch: PackBatch) -> None:
    line = f"{batch.tube_system}, and no others. The additive counts, whatever the cap looks like."
    pen = begin_page(paper, batch, "Fill the tubes in this order", line)
    high = min(40.0, ROOM / max(1, len(batch.draw)))
    for place, step in enumerate(batch.draw):
        _draw_step(pen.moved(0, place * high), step, high)


def _draw_step(pen: Pen, step: DrawStep, high: float) -> None:
    middle = high / 2
    pen.write_centred(8.0, middle + 3.4, step.order, Lettering(BOLD, 10.0))
    _draw_container(pen.moved(20.0, middle - 9.5), step.shape, hatched=step.by_hand)
    name = fit(step.colour, field="draw", room=62.0, choices=letterings(BOLD, 7.0, 6.0, 5.0, 4.2))
    pen.write(34.0, middle - 1.0, name.lines[0], name.lettering)
    under = fit(
        f"{step.additive}, {step.amount}" if step.amount else step.additive,
        field="draw",
        room=62.0,
        choices=letterings(REGULAR, 3.6, 3.2, 2.8),
        lines=2,
    )
    pen.write_lines(34.0, middle + 5.0, under, 4.2)
    _draw_tests(pen.moved(100.0, middle - high * 0.36), step.tests, high * 0.56)
    label = clean(step.label, field="draw", font=BOLD)
    pen.write(100.0, middle + 10.4, label, Lettering(BOLD, 3.2))
    pen.line(0, high - 0.4, WIDE, high - 0.4, grey=0.4)


def _draw_tests(pen: Pen, tests: str, high: float) -> None:
    for size, pitch in _TEST_SIZES:
        lettering = Lettering(REGULAR, size)
        lines = paragraphs(tests, field="draw", room=92.0, lettering=lettering)
        if len(lines) * pitch <= high:
            for number, line in enumerate(lines):
                pen.write(0, 3.0 + pitch * number, line, lettering)
            return
    raise CannotPrint("Too many tests to name beside one tube.", field="draw")


def _draw_container(pen: Pen, shape: str, *, hatched: bool) -> None:
    """Outline of what is filled, 19 mm high: a cap on a glass, a bottle, a syringe."""
    if shape == "syringe":
        pen.outline([(2, 3), (7, 3), (7, 15), (2, 15)], 0.4)
        pen.line(4.5, 15, 4.5, 19, thick=0.4)
        pen.line(4.5, 0, 4.5, 3, thick=0.4)
        pen.line(2, 0, 7, 0, thick=0.6)
        return
    if shape == "bottle":
        pen.outline([(3, 0), (6, 0), (6, 4), (8, 7), (8, 19), (1, 19), (1, 7), (3, 4)], 0.4)
        return
    if hatched:
        pen.stripes(2.2, 5, 4.6, 13)
    pen.fill(1.4, 0, 6.2, 5, 0.75)
    pen.box(1.4, 0, 6.2, 5, 0.4)
    pen.outline([(2.2, 5), (6.8, 5), (6.8, 17), (5.8, 19), (3.2, 19), (2.2, 17)], 0.4)


def _draw_menu(paper: Paper, batch: PackBatch) -> None:
    """Two columns, flowing; what is not offered stands boxed at the head of its discipline."""
    column = (WIDE - GAP) / 2
    blocks = [block for section in batch.menu for block in _menu_blocks(section, column)]
    columns = in_columns(blocks, ROOM)
    line = f"As it stood {batch.menu_at}. It changes: ring the laboratory when it matters."
    for first in range(0, len(columns), 2):
        pen = begin_page(paper, batch, "What can be asked for", line)
        for across, held in enumerate(columns[first : first + 2]):
            draw_blocks(pen.moved(across * (column + GAP), 0), held)


def _menu_blocks(section: MenuSection, room: float) -> list[Block]:
    head = heading_block(section.heading, room)
    again = heading_block(f"{section.heading}, more", room)
    named = section.offered or (() if section.stopped else ("nothing",))
    rows = [
        *(_stop_block(stop.name, stop.instead, room) for stop in section.stopped),
        *(_offered_block(name, room) for name in named),
    ]
    return [head, *(row._replace(again=again) for row in rows)]


def _stop_block(name: str, instead: str, room: float) -> Block:
    named = paragraphs(f"{name}: NOT OFFERED", field="menu", room=room - 5.0, lettering=_STOPPED)
    said = paragraphs(instead, field="menu", room=room - 5.0, lettering=_INSTEAD)
    height = 3.6 + 4.2 * len(named) + 3.9 * len(said)

    def draw(pen: Pen) -> None:
        pen.box(0, 0.6, room, height - 1.2, 0.5)
        for number, line in enumerate(named):
            pen.write(2.4, 4.6 + 4.2 * number, line, _STOPPED)
        below = 4.6 + 4.2 * len(named)
        for number, line in enumerate(said):
            pen.write(2.4, below + 3.9 * number, line, _INSTEAD)

    return Block(height, draw, "menu")


def _offered_block(name: str, room: float) -> Block:
    lines = paragraphs(name, field="menu", room=room - 3.2, lettering=_OFFERED)

    def draw(pen: Pen) -> None:
        for number, line in enumerate(lines):
            pen.write(1.6, 3.8 + 4.6 * number, line, _OFFERED)

    return Block(4.6 * len(lines) + 0.4, draw, "menu")


def _draw_telephones(paper: Paper, batch: PackBatch) -> None:
    line = "Results are telephoned and read back. Write down whom you spoke to, and when."
    first, *others = batch.telephones
    column = (WIDE - GAP) / 2
    blocks = [block for group in others for block in _telephone_blocks(group, column)]
    large = _large_height(first)
    columns = in_columns(blocks, ROOM - large)
    for page in range(0, max(1, len(columns)), 2):
        pen = begin_page(paper, batch, "Whom to ring", line)
        _draw_large(pen, first)
        for across, held in enumerate(columns[page : page + 2]):
            draw_blocks(pen.moved(across * (column + GAP), large), held)


def _large_height(group: TelephoneGroup) -> float:
    return 14.0 + 11.0 * len(group.numbers)


def _draw_large(pen: Pen, group: TelephoneGroup) -> None:
    pen.box(0, 0, WIDE, _large_height(group) - 4.0, 0.8)
    pen.write(3.0, 5.6, clean(group.heading, field="telephones", font=BOLD), SECTION)
    for place, entry in enumerate(group.numbers):
        _draw_number(pen.moved(3.0, 6.0 + 11.0 * place), entry, WIDE - 6.0, 5.2, 9.0)


def _draw_number(pen: Pen, entry: Telephone, room: float, size: float, baseline: float) -> None:
    number = entry.number or "____________"
    strong = Lettering(BOLD, size)
    said = clean(number, field="telephones", font=BOLD)
    pen.write_right(room, baseline, said, strong)
    name = fit(
        entry.place,
        field="telephones",
        room=room - 8.4 * size,
        choices=letterings(REGULAR, size * 0.86, size * 0.76, size * 0.66, size * 0.58),
        lines=2,
    )
    raised = 0.9 * size * (len(name.lines) - 1) / 2
    pen.write_lines(0, baseline - raised, name, 0.9 * size)


def _telephone_blocks(group: TelephoneGroup, room: float) -> list[Block]:
    def entry_block(entry: Telephone) -> Block:
        def draw(pen: Pen) -> None:
            _draw_number(pen.moved(1.6, 0), entry, room - 3.2, 3.7, 5.2)
            pen.line(0, 7.6, room, 7.6, thick=0.1, grey=0.6)

        return Block(7.8, draw, "telephones")

    again = heading_block(f"{group.heading}, more", room)
    rows = [entry_block(entry)._replace(again=again) for entry in group.numbers]
    return [heading_block(group.heading, room), *rows]
