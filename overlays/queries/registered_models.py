"""Finds the model version that a claim names, and asks who may post for it."""

from overlays.models import AIModel, ModelVersion, Poster


def model_version_named(name: str, version: str, manufacturer: str) -> ModelVersion | None:
    """The registered version with this name and number; None when there is none.

    A manufacturer, where both sides give one, must agree: two makers may use one name. Where the object gives none, the name must be
    registered once only.
    """
    found = ModelVersion.objects.select_related("model").filter(model__name=name, version=version)
    exact = [candidate for candidate in found if candidate.model.manufacturer == manufacturer]
    if exact:
        return exact[0]
    loose = [candidate for candidate in found if not candidate.model.manufacturer or not manufacturer]
    return loose[0] if len(loose) == 1 else None


def may_post_for(model: AIModel, client_id: str) -> bool:
    """Whether the pipeline client may post for the model."""
    return bool(client_id) and Poster.objects.filter(model=model, client_id=client_id).exists()
