"""Answers viewers that ask, before rendering, what may be rendered."""

from uuid import uuid4

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import DisplayReceiptAnswer, RenderDecisionAnswer
from overlays.api.base import Address
from overlays.api.decision_form import ByAccept, SignedForm
from overlays.api.forms import DisplayReceiptRequest, PurposeQuery, RenderDecisionRequest
from overlays.api.sign_decision import signed_decision
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import RENDERING_INTENT, Purpose
from overlays.queries.decision_keys import SigningKey, signing_key
from overlays.queries.gate import Ruling
from overlays.queries.uids import require_uid
from overlays.services.decide import Answer, decide_for_instances, decide_for_study
from overlays.services.record_display import record_display

ADDRESS_OF_PURPOSE = {
    Purpose.CLINICAL: "/dicom-web",
    Purpose.REVIEW: "/review/dicom-web",
    Purpose.RESEARCH: "/dicom-web",
}

ANSWERS = {(200, "application/json"): RenderDecisionAnswer, (200, SignedForm.media_type): OpenApiTypes.STR}


def _ruling(ruling: Ruling, purpose: Purpose) -> dict:
    answer = {
        "sop_instance_uid": ruling.sop_instance_uid,
        "verdict": ruling.verdict,
        "rendering_intent": RENDERING_INTENT[ruling.verdict],
        "reasons": [{"code": code, "text": text} for code, text in ruling.reasons],
        "label": ruling.label,
        "warning": ruling.warning,
    }
    version = ruling.version
    if version is None:
        return answer
    study, series = version.study_instance_uid, version.series_instance_uid
    return answer | {
        "overlay": str(version.overlay_id),
        "version": version.number,
        "modality": version.modality,
        "sop_class_uid": version.sop_class_uid,
        "study_instance_uid": study,
        "series_instance_uid": series,
        "sha256": version.sha256,
        "review_state": version.review_state,
        "model": {
            "name": version.claimed_name,
            "version": version.claimed_version,
            "manufacturer": version.claimed_manufacturer,
            "status": version.model_status,
        },
        "sources": {
            "series": version.source_series,
            "instances": version.source_count,
            "verification": version.verification,
        },
        "links": {
            "instance": f"{ADDRESS_OF_PURPOSE[purpose]}/studies/{study}/series/{series}/instances/{version.sop_instance_uid}",
            "lineage": f"/api/v1/lineage?overlay={version.overlay_id}",
        },
    }


def _body(answer: Answer, study: str | None) -> dict:
    return {
        "study_instance_uid": study,
        "purpose": answer.purpose,
        "decision_id": str(answer.decision_id),
        "evaluated_at": answer.evaluated_at,
        "expires_at": answer.expires_at,
        "policy": {"name": answer.policy.name, "version": answer.policy.version},
        "overlays": [_ruling(ruling, answer.purpose) for ruling in answer.rulings],
    }


def _purpose(request: Request) -> Purpose:
    """The purpose asked for, the clinical one unless another is named. Raises ValidationError for a word that is none."""
    query = dict(request.query_params.lists())
    words = query.pop("purpose", [Purpose.CLINICAL])
    if not query and len(words) == 1 and words[0] in Purpose.__members__.values():
        return Purpose(
            words[0]
        )  # a form takes longer to build than a decision to make: it is asked for the fault alone
    form = PurposeQuery(data=request.query_params)
    form.is_valid(raise_exception=True)
    return Purpose(form.validated_data["purpose"])


class Decides(Address):
    """An address that answers a render decision: in JSON, or signed where the client likes ``application/jose`` better."""

    renderer_classes = (JSONRenderer, SignedForm)
    content_negotiation_class = ByAccept

    def key(self) -> SigningKey | None:
        """What the answer is to be signed with; None where it is not to be. Asked first: without a key nothing is decided."""
        return signing_key(self.at) if isinstance(self.request.accepted_renderer, SignedForm) else None

    def told(self, found: Answer, study: str | None, key: SigningKey | None) -> Response:
        """The decision in the form that the client accepts."""
        body = _body(found, study)
        if key is None:
            return Response(body)
        return Response(
            signed_decision(
                body, subject=self.actor.key, evaluated_at=found.evaluated_at, expires_at=found.expires_at, key=key
            )
        )


class StudyRenderDecisions(Decides):
    """The verdict for every overlay version of a study."""

    actions = {"GET": Action.DECIDE_CLINICAL}

    @extend_schema(parameters=[PurposeQuery], responses=ANSWERS, operation_id="decide_for_study")
    def get(self, request: Request, study: str) -> Response:
        """What of this study may be rendered, for the purpose."""
        key = self.key()
        answer = decide_for_study(
            actor=self.actor,
            at=self.at,
            decision_id=uuid4(),
            study=require_uid(study, "StudyInstanceUID"),
            purpose=_purpose(request),
        )
        return self.told(answer, study, key)


class RenderDecisions(Decides):
    """The verdict for named instances, of any study."""

    actions = {"POST": Action.DECIDE_CLINICAL}

    @extend_schema(request=RenderDecisionRequest, responses=ANSWERS, operation_id="decide_for_instances")
    def post(self, request: Request) -> Response:
        """What of these instances may be rendered; unknown ones are withheld."""
        form = RenderDecisionRequest(data=request.data)
        form.is_valid(raise_exception=True)
        key = self.key()
        wanted = [(each["sop_instance_uid"], each.get("sha256")) for each in form.validated_data["instances"]]
        answer = decide_for_instances(
            actor=self.actor,
            at=self.at,
            decision_id=uuid4(),
            wanted=wanted,
            purpose=Purpose(form.validated_data["purpose"]),
        )
        return self.told(answer, None, key)


class DisplayReceipts(Address):
    """A viewer's word of what it drew."""

    actions = {"POST": Action.RECORD_DISPLAY}

    @extend_schema(request=DisplayReceiptRequest, responses={201: DisplayReceiptAnswer}, operation_id="record_display")
    def post(self, request: Request) -> Response:
        """Record that instances were drawn under a decision."""
        form = DisplayReceiptRequest(data=request.data)
        form.is_valid(raise_exception=True)
        receipts = record_display(actor=self.actor, at=self.at, **form.validated_data)
        return Response({"decision_id": form.validated_data["decision_id"], "recorded": len(receipts)}, status=201)
