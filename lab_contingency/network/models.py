"""What each laboratory offers, when, how much of it, and how far away it is."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.network.rules import Acceptance


class MenuEntry(Base):
    """A test that a laboratory does: minutes from receipt to result, method, what it reports, its price.

    `price_pence` None: nothing is charged for it, or nobody has said what.
    """

    __tablename__ = "menu_entry"
    __table_args__ = (
        UniqueConstraint("laboratory_id", "test_code"),
        CheckConstraint("turnaround_minutes > 0", name="turnaround_positive"),
        CheckConstraint("price_pence >= 0", name="price_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    test_code: Mapped[str]
    turnaround_minutes: Mapped[int]
    method: Mapped[str]
    analytes: Mapped[list[str]]
    price_pence: Mapped[int | None]


class OpeningHours(Base):
    """One spell in which it is open: from a minute of a weekday (0 Monday, London) on.

    `closes` counts on past midnight: 20:00 to 08:00 of the next day is 1200 to 1920; round the clock is 0 to
    1440. A weekday may have several spells; one without any is a day shut. That spells do not overlap, and
    Sunday night not with Monday, is looked at by the services while they hold the laboratory.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        UniqueConstraint("laboratory_id", "weekday", "opens"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_of_seven"),
        CheckConstraint("opens BETWEEN 0 AND 1439", name="opens_within_the_day"),
        CheckConstraint("opens < closes", name="opens_before_closes"),
        CheckConstraint(
            "closes < opens + 1440 OR (opens = 0 AND closes = 1440)", name="a_day_at_most"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    weekday: Mapped[int]
    opens: Mapped[int]
    closes: Mapped[int]


class Capacity(Base):
    """How many requested tests of a discipline a laboratory finishes in one hour of the day."""

    __tablename__ = "capacity"
    __table_args__ = (
        UniqueConstraint("laboratory_id", "discipline", "hour"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour_of_the_day"),
        CheckConstraint("per_hour >= 0", name="per_hour_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    discipline: Mapped[Discipline]
    hour: Mapped[int]
    per_hour: Mapped[int]


class Link(Base):
    """The way to a laboratory from a site or from another laboratory, in minutes.

    `on_demand`: somebody can be sent at any moment. Otherwise only the runs of its timetable go, and only
    this way round. `closed_until`: until then nothing goes, for `closed_reason`.
    """

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("from_site_id", "to_laboratory_id"),
        UniqueConstraint("from_laboratory_id", "to_laboratory_id"),
        CheckConstraint(
            "(from_site_id IS NULL) <> (from_laboratory_id IS NULL)", name="from_one_place"
        ),
        CheckConstraint("from_laboratory_id <> to_laboratory_id", name="to_another_place"),
        CheckConstraint("travel_minutes >= 0", name="travel_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    from_laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    to_laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    travel_minutes: Mapped[int]
    note: Mapped[str]
    on_demand: Mapped[bool] = mapped_column(default=True)
    closed_until: Mapped[dt.datetime | None]
    closed_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class LinkRun(Base):
    """A timetabled departure on a link: weekday (0 Monday, London) and minute of the day."""

    __tablename__ = "link_run"
    __table_args__ = (
        UniqueConstraint("link_id", "weekday", "leaves"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_of_seven"),
        CheckConstraint("leaves BETWEEN 0 AND 1439", name="minute_of_the_day"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    leaves: Mapped[int]


class Agreement(Base):
    """What was agreed with a partner laboratory: by when it takes over, whom to ring, how it works with us.

    `hand_off_minutes`: from its door to its bench. `ends_on` None: until further notice.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("hand_off_minutes >= 0", name="hand_off_not_negative"),
        CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"), unique=True)
    reference: Mapped[str]
    accepts: Mapped[Acceptance]
    hand_off_minutes: Mapped[int]
    custody_contact: Mapped[str]
    custody_telephone: Mapped[str]
    results_contact: Mapped[str]
    results_telephone: Mapped[str]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class SlotAgreement(Base):
    """How many tests of a discipline a partner agreed to take on one London day. Never over-booked.

    A discipline without a row has no agreed number: only the hours' capacity bounds it.
    """

    __tablename__ = "slot_agreement"
    __table_args__ = (
        UniqueConstraint("laboratory_id", "discipline"),
        CheckConstraint("per_day >= 0", name="per_day_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    discipline: Mapped[Discipline]
    per_day: Mapped[int]


explain_constraint(
    "uq_menu_entry_laboratory_id_test_code",
    "This test stands on the laboratory's menu already. Change that line instead.",
    field="test_code",
)
_WAY_STANDS = "This way stands here already. Change that one instead."
explain_constraint("uq_link_from_site_id_to_laboratory_id", _WAY_STANDS, field="start")
explain_constraint("uq_link_from_laboratory_id_to_laboratory_id", _WAY_STANDS, field="start")
explain_constraint(
    "ck_opening_hours_opens_before_closes",
    "The laboratory must open before it closes.",
    field="closes",
)
explain_constraint(
    "uq_opening_hours_laboratory_id_weekday_opens",
    "The laboratory opens twice at this time. Say each spell once.",
)
explain_constraint(
    "ck_opening_hours_a_day_at_most",
    "One spell ends before it has lasted a day; round the clock is 24 h.",
    field="closes",
)
