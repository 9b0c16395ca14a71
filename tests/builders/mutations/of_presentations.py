"""Breaks what the rules say of presentations."""

from tests.builders.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
