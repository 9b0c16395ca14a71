"""Plays the demonstration's history through the services, so that every act is permitted, checked and logged as in earnest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from overlays.governance.actor import Actor
from overlays.governance.vocabulary import ModelStatus
from overlays.management.demo import objects
from overlays.management.demo.logins import PIPELINE
from overlays.management.demo.objects import Objects, Result
from overlays.models import AIModel, ModelVersion, OverlayVersion, Poster, SourceInstance
from overlays.services import review
from overlays.services.change_status import set_status
from overlays.services.posters import grant_poster
from overlays.services.register_model import register_model, register_model_version
from overlays.services.spool import Spool
from overlays.services.store_instance import store_instance

LARGEST = 1 << 26
_APPROVAL = (ModelStatus.SHADOW, ModelStatus.APPROVED)


class DemonstrationRefused(Exception):
    """The registry refused an object of its own demonstration; the message holds the findings."""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who acts in the story."""

    pipeline: Actor
    radiologist: Actor
    steward: Actor


def is_loaded() -> bool:
    """Whether the last act of the story has happened."""
    return OverlayVersion.objects.filter(sop_instance_uid=objects.QUARANTINED.sop_instance_uid).exists()


@dataclass(frozen=True, kw_only=True)
class Story:
    """The acts in their order. Each asks first whether it has happened, so that a story that broke off can be taken up again.

    ``clock`` gives the time of each act, ``new_id`` the id of each post.
    """

    cast: Cast
    made: Objects
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]

    def play(self) -> None:
        """Tell the whole story. Raises DemonstrationRefused."""
        post = self.new_id()
        for uid, image in self.made.images():
            self._post(uid, lambda image=image: image, post)
        liver = self._model("LiverSeg", objects.LIVER_MAKER, "Outlines the liver and its lesions in portal venous CT.")
        first = self._release(liver, "2.0.0", *_APPROVAL)
        self._post_result(objects.FIRST)
        self._accept(objects.FIRST.sop_instance_uid)
        self._release(liver, "2.1.0", *_APPROVAL)
        self._post_result(objects.SECOND)
        self._accept(objects.SECOND.sop_instance_uid)
        self._move(first, *_APPROVAL, ModelStatus.SUSPENDED, ModelStatus.RETIRED)
        self._post(objects.REPORT_UID, self.made.report, self.new_id())
        self._accept(objects.REPORT_UID)
        self._release(liver, "2.2.0", ModelStatus.SHADOW)
        self._post_result(objects.SHADOW)
        organs = self._model("OrganSeg", objects.ORGAN_MAKER, "Outlines spleen and kidneys in CT of the abdomen.")
        old = self._release(organs, "1.3.0", *_APPROVAL)
        self._post_result(objects.REJECTED)
        self._reject(
            objects.REJECTED.sop_instance_uid, "FALSE-POSITIVE", "A ball beside the left kidney is not kidney."
        )
        self._move(old, *_APPROVAL, ModelStatus.SUSPENDED)
        self._release(organs, "1.4.0", *_APPROVAL)
        self._post_result(objects.PENDING)
        self._post_result(objects.QUARANTINED)

    def _post_result(self, result: Result) -> None:
        self._post(result.sop_instance_uid, lambda: self.made.result(result), self.new_id())

    def _post(self, uid: str, make: Callable[[], bytes], post: UUID) -> None:
        """Post what is not stored yet; what an earlier edition of the demonstration stored under the UID stays."""
        if any(model.objects.filter(sop_instance_uid=uid).exists() for model in (SourceInstance, OverlayVersion)):
            return
        with Spool(LARGEST) as spool:
            spool.write(make())
            outcome = store_instance(actor=self.cast.pipeline, at=self.clock(), received=spool.finish(), post=post)
        if outcome.refusal:
            raise DemonstrationRefused(" ".join(f"{found.path} {found.sentence}" for found in outcome.findings))

    def _model(self, name: str, manufacturer: str, intended_use: str) -> AIModel:
        steward = self.cast.steward
        model = AIModel.objects.filter(name=name, manufacturer=manufacturer).first()
        if model is None:
            model = register_model(
                actor=steward, at=self.clock(), name=name, manufacturer=manufacturer, intended_use=intended_use
            )
        if not Poster.objects.filter(model=model, client_id=PIPELINE).exists():
            grant_poster(actor=steward, at=self.clock(), model_id=model.pk, client_id=PIPELINE)
        return model

    def _release(self, model: AIModel, version: str, *statuses: ModelStatus) -> ModelVersion:
        found = ModelVersion.objects.filter(model=model, version=version).first()
        if found is None:
            found = register_model_version(actor=self.cast.steward, at=self.clock(), model_id=model.pk, version=version)
        self._move(found, *statuses)
        return found

    def _move(self, version: ModelVersion, *statuses: ModelStatus) -> None:
        """Take those of the steps that were not taken yet."""
        taken = version.status_changes.count()
        for status in statuses[taken:]:
            set_status(
                actor=self.cast.steward,
                at=self.clock(),
                model_version_id=version.pk,
                status=status,
                reason="For the demonstration.",
            )

    def _waiting(self, sop_instance_uid: str) -> OverlayVersion | None:
        return OverlayVersion.objects.filter(sop_instance_uid=sop_instance_uid, reviews=None).first()

    def _accept(self, sop_instance_uid: str) -> None:
        if version := self._waiting(sop_instance_uid):
            review.accept(
                actor=self.cast.radiologist,
                at=self.clock(),
                sop_instance_uid=sop_instance_uid,
                seen_sha256=version.sha256,
            )

    def _reject(self, sop_instance_uid: str, reason: str, comment: str) -> None:
        if version := self._waiting(sop_instance_uid):
            review.reject(
                actor=self.cast.radiologist,
                at=self.clock(),
                sop_instance_uid=sop_instance_uid,
                seen_sha256=version.sha256,
                reason_code=reason,
                comment=comment,
            )
