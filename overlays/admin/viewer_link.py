"""Leads from a page of the admin to the same study in the viewer that is configured."""

from django.conf import settings

from overlays.governance.actor import Actor
from overlays.governance.vocabulary import Purpose
from overlays.services.decide import ACTION_OF_PURPOSE


def viewer_link(actor: Actor, study: str) -> dict[str, str] | None:
    """Name and address of the first viewer (VIEWERS), for review to whoever may see what waits, else for the clinic.

    None where there is no viewer, or none for the person. The person signs in there with an own grant: it is no launch.
    """
    name, viewer = next(iter(settings.OVERLAYS_VIEWERS.items()), ("", {}))
    for purpose in (Purpose.REVIEW, Purpose.CLINICAL):
        if purpose.value in viewer and actor.may(ACTION_OF_PURPOSE[purpose]):
            return {"name": name, "address": viewer[purpose.value].replace("{study}", study)}
    return None
