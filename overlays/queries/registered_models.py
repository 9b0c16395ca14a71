"""Finds the model and the version that a claim names, and asks who may post for a model."""

from overlays.models import AIModel, ModelVersion, Poster


def model_named(name: str, manufacturer: str) -> AIModel | None:
    """The registered model with this name; None when there is none.

    A manufacturer, where both sides give one, must agree: two makers may use one name. Where one side gives none, the name must be
    registered once only.
    """
    found = list(AIModel.objects.filter(name=name))
    exact = [model for model in found if model.manufacturer == manufacturer]
    loose = [model for model in found if not model.manufacturer or not manufacturer]
    if exact:
        return exact[0]
    return loose[0] if len(loose) == 1 else None


def version_of(model: AIModel, version: str) -> ModelVersion | None:
    """The registered version of the model with this number; None when there is none."""
    return ModelVersion.objects.select_related("model").filter(model=model, version=version).first()


def may_post_for(model: AIModel, client_id: str) -> bool:
    """Whether the pipeline client may post for the model."""
    return bool(client_id) and Poster.objects.filter(model=model, client_id=client_id).exists()
