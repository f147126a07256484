"""Who and where: organisations, sites, wards, laboratories."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lab_contingency.foundation.database import Base
from lab_contingency.places.rules import LaboratoryKind, TubeSystem


class Organisation(Base):
    """A trust, practice or network, by its ODS code."""

    __tablename__ = "organisation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ods_code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Site(Base):
    """A hospital or practice, with the tube colours it uses."""

    __tablename__ = "site"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    tube_system: Mapped[TubeSystem]
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Ward(Base):
    """A place that asks for tests and gets slips: a ward, a department, a practice.

    `retired_at`: from then on nothing new is asked for from it; None while it works.
    """

    __tablename__ = "ward"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    telephone: Mapped[str]
    retired_at: Mapped[dt.datetime | None]
    site: Mapped[Site] = relationship(lazy="joined")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Laboratory(Base):
    """Where tubes are analysed. A partner laboratory stands at no site of ours.

    `retired_at`: from then on nothing new is sent there; None while it works.
    """

    __tablename__ = "laboratory"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[LaboratoryKind]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    telephone: Mapped[str]
    retired_at: Mapped[dt.datetime | None]
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    site: Mapped[Site | None] = relationship(lazy="raise")  # orders the inserts
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class BandRule(Base):
    """What wristbands carry at a site, or (with `ward_id`) at one of its wards, and whether one must be read.

    A ward's own row goes before its site's; where neither is, `BandSettings` as it stands holds.
    """

    __tablename__ = "band_rule"
    __table_args__ = (
        Index(
            "uq_band_rule_site",
            "site_id",
            unique=True,
            sqlite_where=text("ward_id IS NULL"),
            postgresql_where=text("ward_id IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    ward_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ward.id"), unique=True)
    required: Mapped[bool]
    nhs_ai: Mapped[str]
    hospital_ai: Mapped[str]
    gsrn_prefix: Mapped[str]
    hospital_form: Mapped[str]
