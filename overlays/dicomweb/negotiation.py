"""Chooses the form of an answer among those that a client accepts (PS3.18 8.7.3 to 8.7.5)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from overlays.http.media_types import MalformedMediaType, MediaType, parse
from overlays.http.refusals import CannotServe

MULTIPART = "multipart/related"
OCTETS = "application/octet-stream"
PART_10 = "application/dicom"
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
    """A form that can be served. ``unasked`` says whether also to a client that names no transfer syntax.

    ``decoded``: it is made from what is stored, in Explicit VR Little Endian; not what ``transfer-syntax=*`` means.
    """

    essence: str
    transfer_syntax: str | None = None
    unasked: bool = True
    decoded: bool = False

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
        return syntax == self.transfer_syntax or (syntax == "*" and not self.decoded)


@dataclass(frozen=True)
class Chosen:
    """The offer, and whether it goes as parts of a multipart body."""

    offer: Offer
    multipart: bool


def offers_of_frames(transfer_syntax_uid: str, *, encapsulated: bool, decodable: bool = False) -> tuple[Offer, ...]:
    """How frames of an object stored so can be served: as they are stored, and decoded.

    Native frames are little endian octets whatever way the data set around them was encoded. Octets whose transfer syntax the client does
    not name are Explicit VR Little Endian (PS3.18 8.7.3.5.2).
    """
    if not encapsulated:
        return (Offer(OCTETS, EXPLICIT_LE),)
    octets = Offer(OCTETS, transfer_syntax_uid, unasked=False)
    own = TYPE_OF_SYNTAX.get(transfer_syntax_uid)
    stored = (Offer(own, transfer_syntax_uid), octets) if own else (octets,)
    return (*stored, Offer(OCTETS, EXPLICIT_LE, decoded=True)) if decodable else stored


def offers_of_instances(transfer_syntax_uids: Collection[str], *, decodable: bool) -> tuple[Offer, ...]:
    """How instances can be served: as they are stored, and in Explicit VR Little Endian, which is meant where none is named.

    Where one of them cannot be decoded, all go as they are stored.
    """
    only = next(iter(transfer_syntax_uids)) if len(transfer_syntax_uids) == 1 else None
    if only == EXPLICIT_LE or not decodable:
        return (Offer(PART_10, only),)
    return Offer(PART_10, only, unasked=False), Offer(PART_10, EXPLICIT_LE, decoded=True)


def choose(ranges: Sequence[MediaType], offers: Sequence[Offer], *, single: bool) -> Chosen:
    """The first form that fits a range, the client's best range first; ``single`` where the answer can be one part.

    Raises CannotServe, saying what could have been had.
    """
    for accepted in ranges:
        syntax = accepted.parameters.get("transfer-syntax")
        if MULTIPART in accepted:
            inner = _inner(accepted)
            for offer in offers:
                if offer.fits(inner, syntax) or (syntax is None and inner.essence == "*/*"):
                    return Chosen(offer, multipart=True)
        for offer in offers if single else ():
            if offer.fits(accepted, syntax):
                return Chosen(offer, multipart=False)
    had = " or ".join(
        f'{MULTIPART}; type="{offer.essence}"; transfer-syntax={offer.transfer_syntax or "*"}' for offer in offers
    )
    raise CannotServe(
        f"This is served as it is stored, or in Explicit VR Little Endian where it can be decoded: {had}. The client accepts none of that."
    )


def _inner(accepted: MediaType) -> MediaType:
    """What the parts of an accepted multipart may be; anything where it does not say."""
    try:
        return parse(accepted.parameters.get("type", "*/*"))
    except MalformedMediaType:
        return MediaType("", {})
