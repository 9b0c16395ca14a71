"""Writes tags, and paths of tags, the way findings name them."""

from pydicom.datadict import keyword_dict, keyword_for_tag

ITEM = 0xFFFEE000
ITEM_DELIMITATION = 0xFFFEE00D
SEQUENCE_DELIMITATION = 0xFFFEE0DD


def tag_of(keyword: str) -> int:
    """The tag of a keyword of PS3.6. Raises KeyError for a word that is none: a mistake of the program."""
    return keyword_dict[keyword]


def plain(tag: int) -> str:
    """``(0062,0004)``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def named(tag: int) -> str:
    """``(0062,0004) SegmentNumber``; without the word for a private or unknown tag."""
    keyword = keyword_for_tag(tag)
    return f"{plain(tag)} {keyword}" if keyword else plain(tag)


def path(*steps: str | int) -> str:
    """A path from keywords and item numbers: ``path("SegmentSequence", 2, "SegmentNumber")`` is
    ``(0062,0002)[2].(0062,0004) SegmentNumber``. Items count from 1.
    """
    parts: list[str] = []
    last = ""
    for step in steps:
        if isinstance(step, int):
            parts[-1] += f"[{step}]"
            last = ""
        else:
            parts.append(plain(tag_of(step)))
            last = step
    return ".".join(parts) + (f" {last}" if last else "")
