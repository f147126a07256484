"""The same for slips that came back from laboratories on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import literal, select

from lab_contingency.foundation.database import session
from lab_contingency.results.returned.models import ReturnSlip
from lab_contingency.results.returned.queries import open_returns, page_bytes, return_view, slip_at
from lab_contingency.results.returned.queries.lists import returns_to_do
from lab_contingency.results.returned.services.loading import locked_slip
from lab_contingency.tracking.queries.counting import to_telephone
from lab_contingency.tracking.queries.finding import request_of_return, typed_return
from tests.architecture.matrix import Matrix
from tests.clients import stranger_id
from tests.factories import returns
from tests.factories.returns import BORN
from tests.factories.world import World, an_identity


def returned_probes(matrix: Matrix, world: World) -> Mapping[str, Callable[[], object]]:
    """By name. Ours is King's; who asks is St Thomas' scientist."""
    bench, ours = world.other_scientist, matrix.things["ours"]
    slip_id, page_id = ours["slip_id"], ours["page_id"]
    number = session().scalars(select(ReturnSlip.number).where(ReturnSlip.id == slip_id)).one()
    nobody = literal(stranger_id(), ReturnSlip.id.type)
    _a_critical_one(world)

    return {
        "returned slip": lambda: return_view(slip_id, bench).id,  # type: ignore[arg-type]
        "returned slip by number": lambda: slip_at(number, BORN, bench),
        "return slip typed back, by number": lambda: typed_return(number, bench),
        "request of a return slip, by number": lambda: request_of_return(number, bench),
        "returned slip locked": lambda: locked_slip(slip_id, actor=bench).id,  # type: ignore[arg-type]
        "returned page": lambda: len(page_bytes(page_id, bench)[1]),  # type: ignore[arg-type]
        "calls of what came back": lambda: session().scalars(to_telephone(bench)).one(),
        "returned list": lambda: len(open_returns(bench)),
        "returned tab": lambda: session().scalars(returns_to_do(bench, nobody)).one(),
    }


def _a_critical_one(world: World) -> None:
    """A critical value of King's that came back on paper and was checked: our own seniors ring about it."""
    slip_id = returns.a_slip(world, identity=an_identity(771))
    returns.type_back(world, slip_id, *returns.rows("UE", returns.CRITICAL_UE))
    returns.keep_page(world, slip_id)
    returns.check(world, slip_id, {("UE", "K"): returns.CRITICAL_UE["K"]})
