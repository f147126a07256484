"""Laboratories open several times a day, and past midnight

Revision: 0021
Before it: 0020
"""

import uuid
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

DAY = 1440
ONE_A_DAY = "uq_opening_hours_laboratory_id_weekday"
SEVERAL = "uq_opening_hours_laboratory_id_weekday_opens"
IN_ORDER = "ck_opening_hours_opens_before_closes"
WITHIN = "ck_opening_hours_opens_within_the_day"
AT_MOST = "ck_opening_hours_a_day_at_most"
HOURS = sa.table(
    "opening_hours",
    sa.column("id", sa.Uuid()),
    sa.column("laboratory_id", sa.Uuid()),
    sa.column("weekday", sa.Integer()),
    sa.column("opens", sa.Integer()),
    sa.column("closes", sa.Integer()),
)


def upgrade():
    with op.batch_alter_table("opening_hours", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(ONE_A_DAY), type_="unique")
        batch_op.drop_constraint(op.f(IN_ORDER), type_="check")
        batch_op.create_unique_constraint(op.f(SEVERAL), ["laboratory_id", "weekday", "opens"])
        batch_op.create_check_constraint(op.f(WITHIN), "opens BETWEEN 0 AND 1439")
        batch_op.create_check_constraint(op.f(IN_ORDER), "opens < closes")
        batch_op.create_check_constraint(
            op.f(AT_MOST), "closes < opens + 1440 OR (opens = 0 AND closes = 1440)"
        )


def downgrade():
    """The table before held one spell a weekday, within the day: of each weekday the longest stays.

    What runs past midnight is cut there, and what then touches is one. So a laboratory is never said to be open
    when it is shut; it may be said to be shut when it is open. Who goes back writes those hours anew.
    """
    _keep_the_longest()
    with op.batch_alter_table("opening_hours", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(AT_MOST), type_="check")
        batch_op.drop_constraint(op.f(IN_ORDER), type_="check")
        batch_op.drop_constraint(op.f(WITHIN), type_="check")
        batch_op.drop_constraint(op.f(SEVERAL), type_="unique")
        batch_op.create_unique_constraint(op.f(ONE_A_DAY), ["laboratory_id", "weekday"])
        batch_op.create_check_constraint(
            op.f(IN_ORDER), "opens >= 0 AND opens < closes AND closes <= 1440"
        )


def _keep_the_longest():
    """Only the weeks that the table before cannot hold are written anew."""
    weeks = defaultdict(set)
    columns = (HOURS.c.laboratory_id, HOURS.c.weekday, HOURS.c.opens, HOURS.c.closes)
    for laboratory_id, *spell in op.get_bind().execute(sa.select(*columns)):
        weeks[laboratory_id].add(tuple(spell))
    for laboratory_id, spells in weeks.items():
        kept = _longest_by_day(spells)
        if kept != spells:
            op.execute(sa.delete(HOURS).where(HOURS.c.laboratory_id == laboratory_id))
            op.bulk_insert(HOURS, [_row(laboratory_id, *spell) for spell in sorted(kept)])


def _row(laboratory_id, weekday, opens, closes):
    return {
        "id": uuid.uuid4(),
        "laboratory_id": laboratory_id,
        "weekday": weekday,
        "opens": opens,
        "closes": closes,
    }


def _longest_by_day(spells):
    days = defaultdict(list)
    for weekday, opens, closes in spells:
        days[weekday].append((opens, min(closes, DAY)))
        if closes > DAY:
            days[(weekday + 1) % 7].append((0, closes - DAY))
    return {
        (weekday, *max(_joined(parts), key=lambda part: (part[1] - part[0], -part[0])))
        for weekday, parts in days.items()
    }


def _joined(parts):
    joined = []
    for opens, closes in sorted(parts):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined
