"""Pages of tubes."""

from flask import Blueprint

blueprint = Blueprint("specimens", __name__)
