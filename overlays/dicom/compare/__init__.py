"""Compares two segmentations of one geometry, segment by segment, in bounded memory."""
