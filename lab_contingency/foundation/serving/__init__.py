"""Serving: one process, plain HTTP on this computer, TLS to everybody else."""

from lab_contingency.foundation.serving.running import Served, prepare

__all__ = ["Served", "prepare"]
