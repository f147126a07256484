"""The blueprint that the pages of this storey share."""

from flask import Blueprint

blueprint = Blueprint("results", __name__)
