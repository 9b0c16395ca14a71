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


class TooLargeToDraw(APIException):
    """What was asked for is too large to be drawn for one answer (PS3.18 10.4.3.1, RFC 9110 15.5.14)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large_to_draw"


class PreconditionFailed(APIException):
    """The content is not the one that the client insists on (RFC 9110 15.5.13)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"


class NoSuchRange(APIException):
    """The range begins behind the last byte (RFC 9110 15.5.17); ``headers`` says how many there are."""

    status_code = status.HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE
    default_code = "range_not_satisfiable"

    def __init__(self, length: int | None) -> None:
        """``length`` is None where an archive did not tell it."""
        whole = "fewer" if length is None else str(length)
        super().__init__(f"The content has {whole} bytes; none of them is in the range asked for.")
        self.headers = {} if length is None else {"Content-Range": f"bytes */{length}"}
