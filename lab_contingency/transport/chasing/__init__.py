"""Chasing: what partner laboratories have and have not sent back, and who was rung about it."""
