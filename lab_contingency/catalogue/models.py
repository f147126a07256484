"""What each laboratory holds as normal and as critical, and since when. The rest is data files."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from sqlalchemy import CheckConstraint, Dialect, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from lab_contingency.catalogue.rules import ADULT, HighOperator, LowOperator, Sex
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.foundation.database.base import enum_type


class DecimalText(TypeDecorator[Decimal]):
    """A decimal kept digit for digit on both engines: SQLite's own numbers are binary floats."""

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class ReferenceInterval(Base):
    """The interval of one laboratory, analyte, sex and ages, from one day to the day before another.

    Another interval is another row: the one stated later wins where two hold. `age_from`, `age_to`: whole
    years, without the last; None is for ever. `stated_by` '': a starter value nobody has signed for. Insert only.
    """

    __tablename__ = "stated_interval"
    __table_args__ = (
        UniqueConstraint(
            "laboratory_id",
            "analyte_code",
            "sex",
            "age_from",
            "valid_from",
            "stated_at",
            name="uq_stated_interval_once",
        ),
        CheckConstraint("age_from >= 0", name="age_from_nought"),
        CheckConstraint("age_to > age_from", name="age_to_after_age_from"),
        CheckConstraint("valid_to > valid_from", name="valid_to_after_valid_from"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    analyte_code: Mapped[str]
    sex: Mapped[Sex]
    low: Mapped[Decimal | None] = mapped_column(DecimalText())
    high: Mapped[Decimal | None] = mapped_column(DecimalText())
    text: Mapped[str]
    note: Mapped[str]
    age_from: Mapped[int] = mapped_column(default=ADULT)
    age_to: Mapped[int | None]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    stated_at: Mapped[dt.datetime] = mapped_column(default=clock.now)
    stated_by: Mapped[str] = mapped_column(default="")
    stated_by_id: Mapped[uuid.UUID | None]


class CriticalLimitRow(Base):
    """From where on one laboratory telephones an analyte; a limit stands with its operator."""

    __tablename__ = "critical_limit"
    __table_args__ = (
        UniqueConstraint("laboratory_id", "analyte_code", "valid_from"),
        CheckConstraint("valid_to > valid_from", name="valid_to_after_valid_from"),
        CheckConstraint("(low IS NULL) = (low_op IS NULL)", name="low_with_its_operator"),
        CheckConstraint("(high IS NULL) = (high_op IS NULL)", name="high_with_its_operator"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    analyte_code: Mapped[str]
    low_op: Mapped[LowOperator | None] = mapped_column(enum_type(LowOperator, "low_op"))
    low: Mapped[Decimal | None] = mapped_column(DecimalText())
    high_op: Mapped[HighOperator | None] = mapped_column(enum_type(HighOperator, "high_op"))
    high: Mapped[Decimal | None] = mapped_column(DecimalText())
    text: Mapped[str]
    note: Mapped[str]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]


protect(ReferenceInterval.__table__)  # type: ignore[arg-type]
