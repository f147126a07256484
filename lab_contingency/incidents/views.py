"""Pages of incidents."""

from flask import Blueprint

blueprint = Blueprint("incidents", __name__)
