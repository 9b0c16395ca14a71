"""Breaks what the rules say of key objects."""

from tests.builders.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
