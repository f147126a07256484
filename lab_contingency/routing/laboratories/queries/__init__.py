"""Laboratories as they stand: open, room and slots left, and what stands there that cannot be done there."""
