"""The form of an answer: what is stored, as it is, in the way the client likes best."""

import pytest

from overlays.dicom.transfer_syntaxes import DEFLATED_IMAGE_FRAME, TRANSFER_SYNTAXES
from overlays.dicomweb.negotiation import OCTETS, TYPE_OF_SYNTAX, Offer, choose, offers_of_frames
from overlays.http.media_types import parse_accept
from overlays.http.refusals import CannotServe

RLE = "1.2.840.10008.1.2.5"


def test_every_compression_that_is_taken_in_can_be_served():
    compressed = {uid for uid, row in TRANSFER_SYNTAXES.items() if row.encapsulated}
    assert compressed - set(TYPE_OF_SYNTAX) == {DEFLATED_IMAGE_FRAME}


@pytest.mark.parametrize(
    ("accept", "essence", "multipart"),
    [
        ("*/*", "image/dicom-rle", True),
        ("image/dicom-rle", "image/dicom-rle", False),
        ("image/*", "image/dicom-rle", False),
        ("multipart/related; type=image/dicom-rle", "image/dicom-rle", True),
        ("multipart/related; type=application/octet-stream; transfer-syntax=*", OCTETS, True),
        (f"application/octet-stream; transfer-syntax={RLE}", OCTETS, False),
        ("image/png, application/octet-stream;transfer-syntax=*;q=0.1, multipart/*;q=0.2", "image/dicom-rle", True),
    ],
)
def test_a_compressed_frame_is_served_in_a_form_that_is_accepted(accept, essence, multipart):
    chosen = choose(parse_accept(accept), offers_of_frames(RLE, encapsulated=True), single=True)
    assert (chosen.offer.essence, chosen.multipart) == (essence, multipart)


@pytest.mark.parametrize(
    "accept", ["application/octet-stream", "image/jpeg", "image/dicom-rle; transfer-syntax=1.2.840.10008.1.2.4.50"]
)
def test_nothing_is_transcoded(accept):
    with pytest.raises(CannotServe, match=RLE):
        choose(parse_accept(accept), offers_of_frames(RLE, encapsulated=True), single=True)


def test_native_frames_are_octets_in_little_endian():
    (offer,) = offers_of_frames("1.2.840.10008.1.2", encapsulated=False)
    assert offer.content_type == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"


def test_several_parts_are_never_a_single_one():
    with pytest.raises(CannotServe):
        choose(parse_accept("application/dicom"), [Offer("application/dicom")], single=False)


def test_objects_of_several_syntaxes_are_served_only_as_they_are():
    mixed = [Offer("application/dicom")]
    assert choose(parse_accept("multipart/related; transfer-syntax=*"), mixed, single=False).multipart
    with pytest.raises(CannotServe):
        choose(parse_accept(f"multipart/related; transfer-syntax={RLE}"), mixed, single=False)
