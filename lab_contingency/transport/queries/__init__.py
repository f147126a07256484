"""Boxes as pages show them: lists, one box with its whole chain, what did not agree."""
