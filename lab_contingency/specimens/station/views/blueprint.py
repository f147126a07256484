"""Pages of the print station."""

from flask import Blueprint

blueprint = Blueprint("station", __name__)
