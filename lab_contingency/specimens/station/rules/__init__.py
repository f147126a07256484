"""Printers, jobs and places: states, permitted moves, which addresses a printer may have."""
