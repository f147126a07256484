"""Return slips, what came back on them, and the pages themselves (sealed)."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.requests.packs.rules import MediaType

_STANDING = text("replaced_at IS NULL")
_OPEN = text("checked_at IS NULL")


class ReturnSlip(Base):
    """One patient's slip that went with a box, and all it said (sealed). Its rows are `ReturnLine`.

    `replaced_at`: the box was changed and another slip was printed; this one opens nothing any more.
    """

    __tablename__ = "return_slip"
    __table_args__ = (
        Index(
            "uq_return_slip_standing",
            "consignment_id",
            "request_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        CheckConstraint("from_laboratory_id <> laboratory_id", name="of_another_laboratory"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("issued_number.number"), unique=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    consignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consignment.id"))
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    from_laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    made_at: Mapped[dt.datetime]
    replaced_at: Mapped[dt.datetime | None]
    sealed: Mapped[str]


class ReturnLine(Base):
    """One row of a slip: this value of this test, from this tube. Insert only."""

    __tablename__ = "return_line"
    __table_args__ = (
        UniqueConstraint("slip_id", "ordinal"),
        UniqueConstraint("slip_id", "requested_test_id", "analyte_code"),
        CheckConstraint("ordinal >= 1", name="counted_from_one"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("return_slip.id"))
    ordinal: Mapped[int]
    requested_test_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("requested_test.id"), index=True
    )
    planned_tube_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("planned_tube.id"))
    analyte_code: Mapped[str]


class ReturnSlipPrint(Base):
    """A slip that came out: which copy, why if again. Insert only."""

    __tablename__ = "return_slip_print"
    __table_args__ = (UniqueConstraint("slip_id", "copy"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("return_slip.id"))
    copy: Mapped[int]
    reason: Mapped[str]
    printed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    leaving_id: Mapped[uuid.UUID]


class SlipReturn(Base):
    """One time that a slip was typed back: who did it and signed it there (sealed), who typed, who checked.

    Whoever checks did not type. `sent_back_at`: it did not agree with the page, and is typed again.
    """

    __tablename__ = "slip_return"
    __table_args__ = (
        UniqueConstraint("slip_id", "ordinal"),
        CheckConstraint("(checked_at IS NULL) = (checked_by IS NULL)", name="checked_by_somebody"),
        CheckConstraint("(checked_at IS NULL) = (checked_by_id IS NULL)", name="checked_by_person"),
        CheckConstraint("checked_by_id <> typed_by_id", name="two_people"),
        CheckConstraint("checked_at IS NULL OR sent_back_at IS NULL", name="settled"),
        Index(
            "uq_slip_return_open",
            "slip_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("return_slip.id"))
    ordinal: Mapped[int]
    sealed: Mapped[str]
    done_at: Mapped[dt.datetime]
    typed_at: Mapped[dt.datetime]
    typed_by: Mapped[str]
    typed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    sent_back_at: Mapped[dt.datetime | None]
    checked_at: Mapped[dt.datetime | None]
    checked_by: Mapped[str | None]
    checked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class ReturnPage(Base):
    """A photo or scan of a page that came back; its bytes stand sealed in `ReturnPagePart`. Insert only."""

    __tablename__ = "return_page"
    __table_args__ = (CheckConstraint("size > 0 AND parts > 0", name="something"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("return_slip.id"), index=True)
    media_type: Mapped[MediaType]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    parts: Mapped[int]
    added_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


class ReturnPagePart(Base):
    """A piece of a page, sealed. Insert only."""

    __tablename__ = "return_page_part"
    __table_args__ = (UniqueConstraint("page_id", "ordinal"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    page_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("return_page.id"))
    ordinal: Mapped[int]
    sealed: Mapped[str]


SLIP_KEPT = (
    "number",
    "request_id",
    "consignment_id",
    "laboratory_id",
    "from_laboratory_id",
    "made_at",
)
protect(ReturnSlip.__table__, SLIP_KEPT)  # type: ignore[arg-type]
for _table in (ReturnLine, ReturnSlipPrint, ReturnPage, ReturnPagePart):
    protect(_table.__table__)  # type: ignore[arg-type]

_MEANWHILE = "Somebody else typed this slip back at the same moment. Look at what is there now."
explain_constraint("uq_slip_return_open", _MEANWHILE)
explain_constraint("uq_slip_return_slip_id_ordinal", _MEANWHILE)
explain_constraint("uq_slip_return_slip_id", _MEANWHILE)
explain_constraint(
    "ck_slip_return_two_people", "You typed this yourself, so somebody else checks it."
)
