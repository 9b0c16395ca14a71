"""Breaks valid objects one rule at a time; ``MUTATIONS`` is the whole list, ``BASES`` the valid objects it starts from."""

from tests.builders.mutations import of_bytes, of_frames, of_identity, of_reports, of_segments, of_values
from tests.builders.mutations.mutation import BASES, Mutation, base_bytes

MUTATIONS: tuple[Mutation, ...] = (
    *of_bytes.MUTATIONS,
    *of_identity.MUTATIONS,
    *of_segments.MUTATIONS,
    *of_frames.MUTATIONS,
    *of_reports.MUTATIONS,
    *of_values.MUTATIONS,
)

__all__ = ["BASES", "MUTATIONS", "Mutation", "base_bytes"]
