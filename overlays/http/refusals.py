"""Names what the faces of programs refuse for reasons of HTTP alone; what the registry refuses has its own classes in governance."""

from rest_framework import status
from rest_framework.exceptions import APIException


class LengthRequired(APIException):
    """The request has a body of unknown length, and is not chunked either (RFC 9110 15.5.12)."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"


class BodyTooLarge(APIException):
    """The body is larger than the registry takes (RFC 9110 15.5.14)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"


class MediaTypeNotSupported(APIException):
    """The body is of another kind than the address takes."""

    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    default_code = "unsupported_media_type"


class CannotServe(APIException):
    """Nothing that the client accepts can be served here (RFC 9110 15.5.7)."""

    status_code = status.HTTP_406_NOT_ACCEPTABLE
    default_code = "not_acceptable"
