"""Decodes text under Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1)."""

from pydicom.charset import decode_bytes, python_encoding
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

ESCAPE = b"\x1b"
REPLACEMENT = "\ufffd"
_DEFAULT_REPERTOIRE = frozenset(("", "ISO_IR 6", "ISO 2022 IR 6"))
_NEVER_WITH_EXTENSIONS = frozenset(("ISO_IR 192", "GB18030", "GBK"))


def encodings_of(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Python's codecs for the defined terms; an unknown term counts as the default repertoire (a rule tells it)."""
    return tuple("ascii" if term in _DEFAULT_REPERTOIRE else python_encoding.get(term, "ascii") for term in terms) or (
        "ascii",
    )


def unknown_terms(terms: tuple[str, ...]) -> tuple[str, ...]:
    """The terms that PS3.3 does not define, and those that allow no code extensions but stand among others."""
    wrong = tuple(term for term in terms if term not in python_encoding)
    if len(terms) > 1:
        wrong += tuple(term for term in terms if term in _NEVER_WITH_EXTENSIONS)
    return wrong


def decode(value: bytes, encodings: tuple[str, ...], *, name: bool = False) -> str:
    """The text of a value; ``name`` for VR PN. Raises UnicodeError when the bytes do not fit the character set."""
    if ESCAPE in value and encodings != ("UTF8",):
        return _decode_escaped(value, encodings, name)
    return value.decode("ascii" if value.isascii() else encodings[0])


def decode_leniently(value: bytes, encodings: tuple[str, ...], *, name: bool = False) -> str:
    """The text of a value; bytes that do not fit become U+FFFD, for a rule has told them already."""
    try:
        return decode(value, encodings, name=name)
    except UnicodeError:
        return value.decode("ascii", "replace")


def _decode_escaped(value: bytes, encodings: tuple[str, ...], name: bool) -> str:
    try:
        text = decode_bytes(value, list(encodings), PN_DELIMS if name else TEXT_VR_DELIMS)
    except (LookupError, UserWarning) as error:  # pydicom warns, and a caller may have made warnings errors
        raise UnicodeError(str(error)) from None
    if REPLACEMENT in text:
        raise UnicodeError("bytes outside the declared character sets")
    return text
