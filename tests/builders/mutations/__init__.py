"""Breaks valid objects one rule at a time; ``MUTATIONS`` is the whole list, ``BASES`` the valid objects it starts from."""

from tests.builders.mutations import (
    of_annotations,
    of_basic_texts,
    of_bytes,
    of_captures,
    of_frames,
    of_identity,
    of_key_objects,
    of_lineage,
    of_parametric_maps,
    of_presentations,
    of_reports,
    of_segments,
    of_structure_sets,
    of_values,
    of_viewers,
)
from tests.builders.mutations.mutation import BASES, Mutation, base_bytes

MUTATIONS: tuple[Mutation, ...] = (
    *of_bytes.MUTATIONS,
    *of_identity.MUTATIONS,
    *of_segments.MUTATIONS,
    *of_frames.MUTATIONS,
    *of_reports.MUTATIONS,
    *of_values.MUTATIONS,
    *of_parametric_maps.MUTATIONS,
    *of_presentations.MUTATIONS,
    *of_key_objects.MUTATIONS,
    *of_structure_sets.MUTATIONS,
    *of_annotations.MUTATIONS,
    *of_basic_texts.MUTATIONS,
    *of_captures.MUTATIONS,
    *of_viewers.MUTATIONS,
    *of_lineage.MUTATIONS,
)

__all__ = ["BASES", "MUTATIONS", "Mutation", "base_bytes"]
