"""Makes, replaces and withdraws the keys that sign render decisions, at an operator's command."""

import base64
import hashlib
import json
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from django.db import transaction
from jwt.algorithms import ECAlgorithm

from overlays.governance.actor import Actor, ActorKind
from overlays.governance.errors import Conflict, NotPermitted
from overlays.governance.events import Event
from overlays.models import DecisionKey
from overlays.queries.decision_keys import ALGORITHM
from overlays.services.record_identity import record_identity

ANNOUNCED = timedelta(minutes=10)
"""How long a new key is published before it signs: twice as long as the answer with the keys may be kept."""

SHORTEST_AFTER = timedelta(days=1)
"""How long at least a key stays published that signs no more: beyond every decision, also where DECISION_SECONDS was changed since."""

CLOCKS_DIFFER = timedelta(hours=1)
"""A private key is kept so long after it was replaced: a machine whose clock is late still signs with it."""


def ensure_decision_key(*, actor: Actor, at: datetime, private: EllipticCurvePrivateKey) -> DecisionKey | None:
    """Let the key, a fresh one on P-256, sign from now on where there is no other; None where there is. Raises NotPermitted."""
    _require_operator(actor)
    with transaction.atomic():
        if DecisionKey.objects.filter(published_until=None).exists():
            return None
        return _made(actor, at, private, signs_from=at)


def rotate_decision_key(*, actor: Actor, at: datetime, private: EllipticCurvePrivateKey) -> DecisionKey:
    """Publish the key, a fresh one on P-256; it takes over when every verifier can know it.

    The others stay published for what they signed. Raises NotPermitted, and Conflict while another new key waits to take over.
    """
    _require_operator(actor)
    with transaction.atomic():
        newest = DecisionKey.objects.select_for_update().filter(published_until=None)
        if newest.filter(signs_from__gt=at).exists():
            raise Conflict("A new key is published already and waits to take over.")
        signs_from = at + ANNOUNCED
        after = max(SHORTEST_AFTER, timedelta(seconds=settings.OVERLAYS_DECISION_SECONDS))
        newest.update(published_until=signs_from + after)
        return _made(actor, at, private, signs_from=signs_from)


def replace_decision_keys(*, actor: Actor, at: datetime, private: EllipticCurvePrivateKey) -> DecisionKey:
    """Withdraw every key because one became known, and let the given one, fresh on P-256, sign at once. Raises NotPermitted.

    What the withdrawn keys signed is refused by whoever asks for the keys again.
    """
    _require_operator(actor)
    with transaction.atomic():
        for kid in DecisionKey.objects.select_for_update().order_by("pk").values_list("kid", flat=True):
            record_identity(actor=actor, at=at, event=Event.SIGNING_KEY_WITHDRAWN, subject=f"key:{kid}", key=kid)
        DecisionKey.objects.all().delete()
        return _made(actor, at, private, signs_from=at)


def forget_decision_keys(at: datetime) -> int:
    """Delete keys that are published no more, and how many; empty the private half of those that were replaced."""
    signing = DecisionKey.objects.filter(published_until=None, signs_from__lte=at - CLOCKS_DIFFER)
    if signing.exists():
        DecisionKey.objects.exclude(published_until=None).update(private_pem="")
    _, per_model = DecisionKey.objects.filter(published_until__lte=at).delete()
    return per_model.get(DecisionKey._meta.label, 0)


def _require_operator(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted("Signing keys are made by the registry's own commands alone.")


def _made(actor: Actor, at: datetime, private: EllipticCurvePrivateKey, *, signs_from: datetime) -> DecisionKey:
    public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    canonical = json.dumps({name: public[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    kid = base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = DecisionKey.objects.create(
        kid=kid,
        private_pem=pem.decode(),
        public_jwk=public | {"kid": kid, "use": "sig", "alg": ALGORITHM},
        signs_from=signs_from,
    )
    record_identity(actor=actor, at=at, event=Event.SIGNING_KEY_CREATED, subject=f"key:{kid}", key=kid)
    return key
