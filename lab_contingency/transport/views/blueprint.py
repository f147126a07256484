"""The pages of boxes between laboratories."""

from flask import Blueprint

blueprint = Blueprint("transport", __name__)
