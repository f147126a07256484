"""Pages of requests."""

from flask import Blueprint

blueprint = Blueprint("requests", __name__)
