"""Readers of masks: one module a format, all with the same result."""
