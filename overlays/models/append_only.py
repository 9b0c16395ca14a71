"""Refuses changes to what must stay as it was written; the database refuses them too (see ``triggers``)."""

from typing import ClassVar

from django.db import models


class AppendOnlyViolation(Exception):
    """An attempt to change or delete what is append-only."""


class AppendOnlyQuerySet(models.QuerySet):
    """A query set that refuses to change immutable columns, and to delete."""

    def update(self, **values: object) -> int:
        """Change mutable columns; raise AppendOnlyViolation for any other."""
        if fixed := sorted(set(values) - self.model.mutable_fields):
            raise AppendOnlyViolation(f"{self.model.__name__} is append-only: {', '.join(fixed)} cannot be changed")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Always raises AppendOnlyViolation."""
        raise AppendOnlyViolation(f"{self.model.__name__} is append-only: rows cannot be deleted")


class AppendOnly(models.Model):
    """A row that is written once. ``mutable_fields`` names the columns that hold derived state and may change."""

    mutable_fields: ClassVar[frozenset[str]] = frozenset()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        """Insert; or update mutable fields that ``update_fields`` names. Raises AppendOnlyViolation otherwise."""
        if not self._state.adding:
            named = set(kwargs.get("update_fields") or ())
            if not named or named - self.mutable_fields:
                raise AppendOnlyViolation(f"{type(self).__name__} is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        """Always raises AppendOnlyViolation."""
        raise AppendOnlyViolation(f"{type(self).__name__} is append-only: rows cannot be deleted")
