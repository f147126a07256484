"""Pages of this storey."""

from flask import Blueprint

blueprint = Blueprint("results", __name__)
