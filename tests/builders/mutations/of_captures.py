"""Breaks what the rules say of captures."""

from tests.builders.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
