"""Serves OHIF, a viewer, on an origin of its own."""
