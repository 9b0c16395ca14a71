"""Names what can be wrong with the bytes of an object before its content is read."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """One kind for each rule about bytes."""

    NOT_PART10 = "not a Part 10 file"
    PREAMBLE = "preamble of another kind of file"
    PREAMBLE_CONTENT = "preamble that is not zero"
    NO_TRANSFER_SYNTAX = "no transfer syntax"
    TRANSFER_SYNTAX = "transfer syntax not accepted"
    BIG_ENDIAN = "big endian"
    TRAILING = "trailing bytes"
    OVERRUN = "length beyond its parent"
    VR_FORM = "encoding differs from the transfer syntax"
    STRUCTURE = "sequence structure"
    DUPLICATE = "tag twice"
    ORDER = "tags not ascending"
    DEFLATE = "deflated stream"
    SIZE = "file size"
    INFLATED_SIZE = "inflated size"
    DEPTH = "depth"
    ITEMS = "items"
    ELEMENTS = "elements"
    VALUE_SIZE = "value size"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the bytes: its kind, the tag path at which it was met and a sentence about it."""

    kind: FaultKind
    path: str
    sentence: str


class Unreadable(Exception):
    """Reading cannot go on behind this fault."""

    def __init__(self, kind: FaultKind, path: str, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = Fault(kind, path, sentence)
