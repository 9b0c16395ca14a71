"""Chooses the form of an answer among those that a client accepts (PS3.18 8.7.3 to 8.7.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from overlays.http.media_types import MalformedMediaType, MediaType, parse
from overlays.http.refusals import CannotServe

MULTIPART = "multipart/related"
OCTETS = "application/octet-stream"
EXPLICIT_LE = "1.2.840.10008.1.2.1"

TYPE_OF_SYNTAX: dict[str, str] = {
    "1.2.840.10008.1.2.5": "image/dicom-rle",
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.4.201": "image/jphc",
    "1.2.840.10008.1.2.4.202": "image/jphc",
    "1.2.840.10008.1.2.4.203": "image/jphc",
}
"""The media type of a compressed frame (PS3.18 Table 8.7.3-5); others have none and go as octets, with their transfer syntax named."""


@dataclass(frozen=True)
class Offer:
    """A form that can be served. ``unasked`` says whether also to a client that names no transfer syntax."""

    essence: str
    transfer_syntax: str | None = None
    unasked: bool = True

    @property
    def content_type(self) -> str:
        """As it stands in a header."""
        return f"{self.essence}; transfer-syntax={self.transfer_syntax}" if self.transfer_syntax else self.essence

    def fits(self, essence: MediaType, syntax: str | None) -> bool:
        """Whether it is within a media range, in the transfer syntax wanted (``*``: any, None: not said)."""
        if self.essence not in essence:
            return False
        if syntax is None:
            return self.unasked
        return syntax in ("*", self.transfer_syntax)


@dataclass(frozen=True)
class Chosen:
    """The offer, and whether it goes as parts of a multipart body."""

    offer: Offer
    multipart: bool


def offers_of_frames(transfer_syntax_uid: str, *, encapsulated: bool) -> tuple[Offer, ...]:
    """How frames of an object stored so can be served; nothing is ever transcoded.

    Native frames are little endian octets whatever way the data set around them was encoded.
    """
    if not encapsulated:
        return (Offer(OCTETS, EXPLICIT_LE),)
    octets = Offer(OCTETS, transfer_syntax_uid, unasked=False)
    own = TYPE_OF_SYNTAX.get(transfer_syntax_uid)
    return (Offer(own, transfer_syntax_uid), octets) if own else (octets,)


def choose(ranges: Sequence[MediaType], offers: Sequence[Offer], *, single: bool) -> Chosen:
    """The first form that fits a range, the client's best range first; ``single`` where the answer can be one part.

    Raises CannotServe, saying what could have been had.
    """
    for accepted in ranges:
        syntax = accepted.parameters.get("transfer-syntax")
        if MULTIPART in accepted:
            inner = _inner(accepted)
            for offer in offers:
                if offer.fits(inner, syntax) or (
                    accepted.essence == "*/*" and syntax is None and inner.essence == "*/*"
                ):
                    return Chosen(offer, multipart=True)
        for offer in offers if single else ():
            if offer.fits(accepted, syntax):
                return Chosen(offer, multipart=False)
    had = " or ".join(
        f'{MULTIPART}; type="{offer.essence}"; transfer-syntax={offer.transfer_syntax or "*"}' for offer in offers
    )
    raise CannotServe(
        f"What is stored is served as it is, as {had}; the client accepts neither that nor transfer-syntax=*."
    )


def _inner(accepted: MediaType) -> MediaType:
    """What the parts of an accepted multipart may be; anything where it does not say."""
    try:
        return parse(accepted.parameters.get("type", "*/*"))
    except MalformedMediaType:
        return MediaType("", {})
