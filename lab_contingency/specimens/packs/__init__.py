"""Printing paper packs for wards, and their stock."""
