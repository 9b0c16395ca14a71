"""Holds the rules by which an object is accepted, as one table of data."""
