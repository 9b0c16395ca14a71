"""Tests text under Specific Character Set."""

import pytest

from overlays.dicom.character_sets import decode, decode_leniently, encodings_of, unknown_terms


@pytest.mark.parametrize(
    ("terms", "value", "text"),
    [
        ((), b"Doe", "Doe"),
        (("ISO_IR 100",), b"M\xfcller", "Müller"),
        (("ISO_IR 192",), "Łódź".encode(), "Łódź"),
        (("GB18030",), "王".encode("gb18030"), "王"),
        (("", "ISO 2022 IR 87"), b"\x1b$B;3ED\x1b(B", "山田"),
        (("", "ISO 2022 IR 149"), b"\x1b$)C\xb1\xe8", "김"),
    ],
)
def test_text_is_decoded(terms: tuple[str, ...], value: bytes, text: str) -> None:
    assert decode(value, encodings_of(terms)) == text


@pytest.mark.parametrize(
    ("terms", "value"), [((), b"M\xfcller"), (("ISO_IR 192",), b"M\xfcller"), (("ISO_IR 6",), b"\xe9")]
)
def test_bytes_outside_the_character_set_are_refused(terms: tuple[str, ...], value: bytes) -> None:
    with pytest.raises(UnicodeError):
        decode(value, encodings_of(terms))


def test_the_lenient_form_marks_what_does_not_fit() -> None:
    assert decode_leniently(b"M\xfcller", encodings_of(())) == "M\ufffdller"


@pytest.mark.parametrize("terms", [("ISO_IR 999",), ("utf-8",), ("ISO_IR 192", "ISO 2022 IR 100")])
def test_terms_that_are_not_defined_or_misplaced_are_told(terms: tuple[str, ...]) -> None:
    assert len(unknown_terms(terms)) == 1


@pytest.mark.parametrize("terms", [(), ("",), ("ISO_IR 100",), ("", "ISO 2022 IR 87"), ("ISO_IR 192",)])
def test_defined_terms_are_sound(terms: tuple[str, ...]) -> None:
    assert unknown_terms(terms) == ()
