"""Opens a viewer on one study: makes the invitation, and redeems it once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction

from overlays.governance.actor import Actor, ActorKind
from overlays.governance.errors import Invalid, NotFound, NotPermitted
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Purpose
from overlays.models import Launch
from overlays.queries.launches import digest_of, open_launches
from overlays.queries.uids import require_uid
from overlays.services.audit import record
from overlays.services.decide import ACTION_OF_PURPOSE


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A launch that was made, and the address with its code, which only this answer ever tells."""

    launch: Launch
    address: str


def make_launch(*, actor: Actor, at: datetime, code: str, study: str, purpose: Purpose, viewer: str = "") -> Invitation:
    """Invite to open the study in a configured viewer (the first one, unless another is named). ``code`` is a fresh random value.

    What a person makes only that person can redeem. The study need not be known here: an answer that told so would let UIDs be guessed.
    Raises NotPermitted, Invalid for what is no UID or no viewer for the purpose, NotFound where the grant does not reach the study.
    """
    actor.require(Action.LAUNCH_VIEWER)
    actor.require(ACTION_OF_PURPOSE[purpose])
    require_uid(study, "StudyInstanceUID")
    if not actor.may_reach(study):
        raise NotFound(f"There is no study {study}.")
    name = viewer or next(iter(settings.OVERLAYS_VIEWERS), "")
    found = settings.OVERLAYS_VIEWERS.get(name, {})
    template = found.get(purpose.value)
    if template is None:
        raise Invalid(f"No viewer {name!r} is configured for the purpose {purpose.value}.")
    with transaction.atomic():
        launch = Launch.objects.create(
            code_sha256=digest_of(code),
            study_instance_uid=study,
            purpose=purpose.value,
            viewer=name,
            client_id=found["client_id"],
            for_key=actor.key if actor.kind is ActorKind.PERSON else "",
            made_at=at,
            made_by_key=actor.key,
            expires_at=at + timedelta(seconds=settings.OVERLAYS_LAUNCH_SECONDS),
        )
        record(
            actor=actor,
            at=at,
            event=Event.LAUNCH_MADE,
            subject=f"launch:{launch.pk}",
            study=study,
            viewer=name,
            purpose=purpose.value,
        )
    return Invitation(launch=launch, address=_with_code(template.replace("{study}", study), code))


def redeem_launch(*, actor: Actor, at: datetime, code: str, client_id: str) -> str:
    """Use up the launch for the person who has signed in; the Study Instance UID to which the grant is then narrowed.

    Raises NotPermitted for a machine and whoever may not view, NotFound for a code that is unknown, used, expired, of another client
    or for somebody else.
    """
    actor.require(Action.LAUNCH_VIEWER)
    if actor.kind is not ActorKind.PERSON:
        raise NotPermitted("Only a person opens a viewer.")
    with transaction.atomic():
        launch = open_launches(code, client_id=client_id, at=at, key=actor.key).select_for_update().first()
        # The condition makes the second of two requests with one code find nothing, on a database without row locks too.
        if launch is None or not Launch.objects.filter(pk=launch.pk, redeemed_at=None).update(redeemed_at=at):
            raise NotFound("There is no such launch.")
        record(
            actor=actor,
            at=at,
            event=Event.LAUNCH_REDEEMED,
            subject=f"launch:{launch.pk}",
            study=launch.study_instance_uid,
            viewer=launch.viewer,
            purpose=launch.purpose,
            client=client_id,
        )
    return launch.study_instance_uid


def forget_launches(at: datetime) -> int:
    """Delete those that have expired, whether redeemed or not; how many. The audit log keeps what became of them."""
    _, per_model = Launch.objects.filter(expires_at__lte=at).delete()
    return per_model.get(Launch._meta.label, 0)


def _with_code(address: str, code: str) -> str:
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode({"launch": code})) if part)
    return urlunsplit(parts._replace(query=query))
