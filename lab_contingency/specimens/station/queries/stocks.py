"""The labels that can be in a printer: ours, and those of the site's own table in the data folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import current_app

from lab_contingency.foundation.configuration import settings_of
from lab_contingency.printing.stock import (
    LABEL_STOCKS,
    STOCKS_FILE,
    BadStocks,
    LabelStock,
    label_stocks,
)

log = logging.getLogger("lab_contingency")


def known_stocks() -> Mapping[str, LabelStock]:
    """All stocks by code. While the site's own table cannot be read it adds none: ours still print."""
    stocks, _ = _read()
    return stocks


def stocks_problem() -> str:
    """What is wrong with the site's own table, or ''."""
    _, problem = _read()
    return problem


def _read() -> tuple[Mapping[str, LabelStock], str]:
    try:
        return label_stocks(settings_of(current_app).data / STOCKS_FILE), ""
    except BadStocks as bad:
        log.warning("label_stocks.refused")
        return LABEL_STOCKS, str(bad)
