"""Who was rung about a tube that did not come."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.transport.custody.rules import Answer, Hop


class Enquiry(Base):
    """One call about one tube: on which hop it was, what came of it; whom and their words are sealed. Insert only."""

    __tablename__ = "enquiry"
    __table_args__ = (Index("ix_enquiry_specimen", "specimen_id", "rung_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    specimen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("specimen.id"))
    hop: Mapped[Hop]
    answer: Mapped[Answer]
    rung_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    sealed: Mapped[str]


protect(Enquiry.__table__)  # type: ignore[arg-type]
