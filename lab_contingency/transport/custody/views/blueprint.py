"""The blueprint of the pages in this folder."""

from flask import Blueprint

blueprint = Blueprint("custody", __name__)
