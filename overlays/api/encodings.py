"""Encodes masks, values or measurements, and stores what comes of them."""

from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.answers import EncodingAnswer
from overlays.api.bodies import TakesResults, stated_type
from overlays.api.form_parts import FormParts
from overlays.api.forms import EncodingForm
from overlays.dicom.encode.description import LARGEST_DESCRIPTION
from overlays.dicom.encode.limits import EncodingLimits
from overlays.governance.errors import Invalid
from overlays.http.multipart import MultipartError, MultipartParser
from overlays.http.request_body import RequestBody
from overlays.services.encode import Encoding, encode_result
from overlays.services.encoding_folder import EncodingFolder

FORM = "multipart/form-data"
RETRY_HEADER = "Idempotency-Key"
LONGEST_KEY = 128


def _answer(encoding: Encoding) -> dict:
    found = encoding.outcome
    study, series, uid = found.study_instance_uid, found.series_instance_uid, found.sop_instance_uid
    return {
        "sop_class_uid": found.sop_class_uid,
        "sop_instance_uid": uid,
        "study_instance_uid": study,
        "series_instance_uid": series,
        "already_stored": found.already_stored,
        "review_state": encoding.review_state,
        "links": {
            "instance": f"/dicom-web/studies/{study}/series/{series}/instances/{uid}",
            "version": f"/api/v1/versions/{uid}",
        },
        "remarks": [{"code": code, "sentence": sentence} for code, sentence in encoding.remarks],
        "findings": [each.as_json() for each in found.findings],
    }


def _seed(request: Request, caller: str, digest: str) -> UUID:
    """From which all UIDs follow: a new one, unless the client says that it may come again with the same parts."""
    key = request.headers.get(RETRY_HEADER, "")
    if not key:
        return uuid4()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Invalid(f"{RETRY_HEADER} has at most {LONGEST_KEY} printable characters.")
    return uuid5(NAMESPACE_OID, f"{caller}/{key}/{digest}")


class Encodings(TakesResults):
    """Results that come as bare masks or numbers, with a description of what they are."""

    @extend_schema(
        request={FORM: EncodingForm},
        parameters=[OpenApiParameter(RETRY_HEADER, OpenApiTypes.STR, OpenApiParameter.HEADER)],
        responses={201: EncodingAnswer},
        operation_id="encode_result",
    )
    def post(self, request: Request) -> Response:
        """Encode the masks as the description says, and store the object exactly as if it had been posted.

        The same parts under the same Idempotency-Key are encoded once; the answer says that they are stored already.
        """
        boundary = stated_type(request, FORM).parameters.get("boundary", "")
        body = RequestBody(request, limit=settings.OVERLAYS_MAX_INSTANCE_BYTES)
        with EncodingFolder() as folder:
            parts = FormParts(folder, most_description=LARGEST_DESCRIPTION, most_masks=EncodingLimits().max_files)
            try:
                parser = MultipartParser(boundary)
                for chunk in body.chunks():
                    for event in parser.feed(chunk):
                        parts.take(event)
                parser.finish()
            except MultipartError as broken:
                raise Invalid(str(broken)) from None
            finally:
                parts.close()
            found = encode_result(
                actor=self.actor,
                at=self.at,
                folder=folder,
                description=parts.description,
                seed=_seed(request, self.actor.key, parts.digest),
                post=uuid4(),
            )
        return Response(_answer(found), status=201)
