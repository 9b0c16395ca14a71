"""Turns the vocabularies of governance into the choices and check constraints of Django fields."""

from enum import StrEnum

from django.db import models

from overlays.governance.vocabulary import ReviewState


def choices(vocabulary: type[StrEnum]) -> list[tuple[str, str]]:
    """Value and label pairs; Django needs plain text, not members."""
    return [(str(word), str(word).replace("_", " ")) for word in vocabulary]


REVIEW_STATES = choices(ReviewState)


def within(field: str, vocabulary: type[StrEnum], *, null: bool = False) -> models.CheckConstraint:
    """A check constraint that the field holds a word of the vocabulary (or NULL, where that is allowed)."""
    condition = models.Q(**{f"{field}__in": [str(word) for word in vocabulary]})
    if null:
        condition |= models.Q(**{f"{field}__isnull": True})
    return models.CheckConstraint(condition=condition, name=f"%(app_label)s_%(class)s_{field}_known")
