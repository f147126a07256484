"""Pages of this storey."""

from flask import Blueprint

blueprint = Blueprint("triage", __name__)
