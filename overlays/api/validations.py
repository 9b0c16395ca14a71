"""Tells what is wrong with an instance before it is stored."""

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import ValidationAnswer
from overlays.api.bodies import TakesResults, stated_type, take_whole
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.services.spool import Spool
from overlays.services.validate_instance import Validation, validate_instance

PART_10 = "application/dicom"


def _answer(validation: Validation) -> dict:
    found, prospect = validation.outcome, validation.prospect
    known = SOP_CLASSES.get(found.sop_class_uid)
    claim = prospect.maker.claim if prospect else None
    registered = prospect.maker.model_version if prospect else None
    return {
        "would_store": found.refusal is None,
        "already_stored": found.already_stored,
        "refusal": found.refusal,
        "instance": {
            "sop_class_uid": found.sop_class_uid,
            "sop_instance_uid": found.sop_instance_uid,
            "study_instance_uid": found.study_instance_uid,
            "series_instance_uid": found.series_instance_uid,
            "family": known.family if known else None,
        },
        "model": {
            "name": claim.name,
            "version": claim.version,
            "manufacturer": claim.manufacturer,
            "status": registered.status if registered else None,
        }
        if claim
        else None,
        "review_state": prospect.review_state if prospect else None,
        "verification": prospect.verification if prospect else None,
        "findings": [each.as_json() for each in found.findings],
    }


class Validations(TakesResults):
    """What the registry says of an instance that is not to be stored yet."""

    @extend_schema(request={PART_10: OpenApiTypes.BINARY}, responses=ValidationAnswer, operation_id="validate_instance")
    def post(self, request: Request) -> Response:
        """Everything that storing this Part 10 file would say. Nothing of it is kept, but that it was asked is in the log."""
        stated_type(request, PART_10)
        limit = settings.OVERLAYS_MAX_INSTANCE_BYTES
        with Spool(limit) as spool:
            take_whole(request, spool, limit=limit)
            found = validate_instance(actor=self.actor, at=self.at, received=spool.finish())
        return Response(_answer(found))
