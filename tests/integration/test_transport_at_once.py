"""Many hands at once, and any order of moves: a tube is in one box, at one place, and none is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import add_rows, session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport import services
from lab_contingency.transport.commands import BringBack, MoveBox, PackTube, SettleDiscrepancy
from lab_contingency.transport.models import ConsignmentItem, Discrepancy, HandOver
from lab_contingency.transport.rules import (
    ENDED,
    ConsignmentState,
    DiscrepancyKind,
    ItemOutcome,
    Settlement,
    count,
)
from lab_contingency.transport.services.boxes import items_of
from lab_contingency.transport.services.changing import SIMPLE
from tests.factories.boxes import (
    a_box,
    a_tube_for,
    finish,
    hand_over,
    held,
    inside,
    seal,
    specimen,
    tubes_for,
    unpack,
)
from tests.factories.world import make_world

PEOPLE = 4


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def at_once(app, acts):
    """Do all at the same moment; the sentences of those refused."""

    def one(act):
        with app.app_context():
            try:
                with unit_of_work():
                    act()
            except RuleBroken as refused:
                return refused.message
            return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


@pytest.mark.hazard("H05")
def test_one_tube_scanned_into_several_boxes_is_in_one_of_them(app, world):
    number = a_tube_for(world)
    box_ids = [a_box(world, []) for _ in range(PEOPLE)]
    session().rollback()

    def packing(box_id):
        return lambda: services.pack_tube(PackTube(box_id, number), actor=world.scientist)

    said = at_once(app, [packing(box_id) for box_id in box_ids])

    assert said.count("") == 1
    assert all("is in box" in one or "just now" in one for one in said if one)
    open_places = select(func.count(ConsignmentItem.id)).where(ConsignmentItem.ended_at.is_(None))
    assert session().scalars(open_places).one() == 1


def test_the_table_itself_refuses_a_second_open_place(world):
    number = a_tube_for(world)
    a_box(world, [number])
    other = a_box(world, [])
    row = {
        "id": new_id(),
        "consignment_id": other,
        "specimen_id": specimen(number).id,
        "place": 1,
        "packed_at": clock.now(),
        "packed_by": "x",
    }
    with pytest.raises(RuleBroken, match="just now"), unit_of_work():
        add_rows(ConsignmentItem, row)


def test_one_page_posted_at_once_by_a_bad_line_is_one_hand_over(app, world):
    box_id, key = seal(world, a_box(world, tubes_for(world, 1))), new_id()
    session().rollback()

    def giving():
        hand_over(world, box_id, key=key, items=1)

    with ThreadPoolExecutor(PEOPLE) as pool:

        def one(_):
            with app.app_context():
                giving()

        list(pool.map(one, range(PEOPLE)))
    assert session().scalars(select(func.count(HandOver.id))).one() == 1


class Boxes(RuleBasedStateMachine):
    """Three tubes, and whatever people may do with them and their boxes."""

    def __init__(self, world, seeds):
        super().__init__()
        self.world = world
        self.numbers = [a_tube_for(world, seed=next(seeds)) for _ in range(3)]
        self.boxes = []

    def _try(self, act):
        try:
            act()
        except RuleBroken:
            session().rollback()

    def _box(self, at):
        return self.boxes[at % len(self.boxes)] if self.boxes else None

    @initialize(sent=st.booleans())
    def begin(self, sent):
        self.boxes.append(a_box(self.world, self.numbers[:2]))
        self.boxes.append(a_box(self.world, self.numbers[2:]))
        if sent:
            for box_id in self.boxes:
                hand_over(self.world, seal(self.world, box_id))

    @rule(at=st.integers(0, 2))
    def begin_another(self, at):
        if len(self.boxes) < 4:
            self._try(lambda: self.boxes.append(a_box(self.world, [self.numbers[at]])))

    @rule(at=st.integers(0, 2), tube=st.integers(0, 2), out=st.booleans())
    def scan_in_or_out(self, at, tube, out):
        if box_id := self._box(at):
            number = self.numbers[tube]

            def act():
                with unit_of_work():
                    if out:
                        services.take_out(box_id, number, actor=self.world.scientist)
                    else:
                        services.pack_tube(PackTube(box_id, number), actor=self.world.scientist)

            self._try(act)

    @rule(at=st.integers(0, 2))
    def seal(self, at):
        if box_id := self._box(at):
            self._try(lambda: seal(self.world, box_id))

    @rule(at=st.integers(0, 2))
    def give(self, at):
        if (box_id := self._box(at)) and inside(box_id):
            self._try(lambda: hand_over(self.world, box_id))

    @rule(at=st.integers(0, 2), action=st.sampled_from(sorted(SIMPLE)))
    def change(self, at, action):
        if box_id := self._box(at):

            def act():
                with unit_of_work():
                    command = MoveBox(box_id, action, "a reason")
                    services.move_box(command, actor=self.world.scientist)

            self._try(act)

    @rule(at=st.integers(0, 2), tubes=st.sets(st.integers(0, 2)))
    def come_back(self, at, tubes):
        if box_id := self._box(at):

            def act():
                ids = frozenset(specimen(self.numbers[one]).id for one in tubes)
                with unit_of_work():
                    services.bring_back(
                        BringBack(box_id, ids, "a reason"), actor=self.world.scientist
                    )

            self._try(act)

    @rule(at=st.integers(0, 2), tubes=st.sets(st.integers(0, 2)))
    def arrive(self, at, tubes):
        if box_id := self._box(at):

            def act():
                with unit_of_work():
                    services.unpack_box(box_id, actor=self.world.other_scientist)

            self._try(act)
            for one in sorted(tubes):
                number = self.numbers[one]
                self._try(lambda number=number: unpack(self.world, box_id, number))
            self._try(lambda: finish(self.world, box_id))

    @rule(ending=st.sampled_from(Settlement))
    def settle(self, ending):
        row = (
            session()
            .scalars(
                select(Discrepancy.id).where(
                    Discrepancy.settled_at.is_(None), Discrepancy.consignment_id.in_(self.boxes)
                )
            )
            .first()
        )
        if row:

            def act():
                with unit_of_work():
                    services.settle(
                        SettleDiscrepancy(row, ending, "words"), actor=self.world.scientist
                    )

            self._try(act)

    @invariant()
    def every_tube_has_exactly_one_place(self):
        session().rollback()
        for number in self.numbers:
            row = specimen(number)
            places = self._open_places(row.id)
            assert len(places) <= 1
            if row.status is SpecimenStatus.RECEIVED:
                assert row.laboratory_id is not None
                assert row.bound_for_id is None
            if row.status is SpecimenStatus.DISPATCHED:
                on_its_way = [held(place.consignment_id).left_at for place in places]
                assert all(on_its_way)
                assert on_its_way or self._looked_for(row.id)

    @invariant()
    def every_box_balances(self):
        session().rollback()
        for box_id in self.boxes:
            box = held(box_id)
            counted = count(item.outcome for item in items_of(box))
            assert counted.balances
            assert box.state not in ENDED or counted.waiting == 0
            if box.state in (ConsignmentState.PACKING, ConsignmentState.SEALED):
                home = {specimen_of.laboratory_id for specimen_of in self._tubes_in(box_id)}
                assert home <= {box.from_laboratory_id}
            missing = counted.by_outcome.get(ItemOutcome.MISSING, 0)
            assert missing == self._noted_missing(box_id)

    def _open_places(self, specimen_id):
        statement = select(ConsignmentItem).where(
            ConsignmentItem.specimen_id == specimen_id, ConsignmentItem.ended_at.is_(None)
        )
        return session().scalars(statement).all()

    def _tubes_in(self, box_id):
        known = {specimen(number).id: specimen(number) for number in self.numbers}
        return [known[item.specimen_id] for item in inside(box_id)]

    def _looked_for(self, specimen_id):
        statement = select(Discrepancy.id).where(
            Discrepancy.specimen_id == specimen_id, Discrepancy.settled_at.is_(None)
        )
        return session().scalars(statement).first()

    def _noted_missing(self, box_id):
        statement = select(func.count(Discrepancy.id)).where(
            Discrepancy.consignment_id == box_id, Discrepancy.kind == DiscrepancyKind.MISSING
        )
        return session().scalars(statement).one()


@pytest.mark.hazard("H05")
def test_whatever_is_done_nothing_is_lost_and_every_tube_has_one_place(world):
    seeds = iter(range(1, 10_000))
    run_state_machine_as_test(
        lambda: Boxes(world, seeds),
        settings=settings(
            max_examples=14,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    kinds = set(session().scalars(select(ConsignmentItem.outcome)))
    assert {None, *ItemOutcome} - {ItemOutcome.BROKEN, ItemOutcome.WARM} <= kinds, (
        "too little was tried"
    )
