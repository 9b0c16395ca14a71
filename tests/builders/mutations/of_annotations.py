"""Breaks what the rules say of annotations."""

from tests.builders.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
