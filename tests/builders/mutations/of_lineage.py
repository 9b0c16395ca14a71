"""Breaks what the rules say of lineage."""

from tests.builders.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
