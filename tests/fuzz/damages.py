"""Damages bytes without knowing what they mean."""

from dataclasses import dataclass

from hypothesis import strategies as st

DAMAGES = ("flipped", "set", "inserted", "deleted", "doubled", "truncated", "appended", "spliced", "swapped lengths")


@dataclass(frozen=True)
class Damage:
    """One change of the bytes at a place, taken modulo their length."""

    name: str
    place: int
    data: bytes


def damages() -> st.SearchStrategy[Damage]:
    """Any damage."""
    return st.builds(Damage, st.sampled_from(DAMAGES), st.integers(0, 1 << 20), st.binary(max_size=12))


def damaged(content: bytes, damage: Damage, donor: bytes) -> bytes:
    """The content after the damage; ``donor`` is spliced in where that is the damage."""
    at, data = damage.place % (len(content) + 1), damage.data
    match damage.name:
        case "flipped" if at < len(content):
            return content[:at] + bytes((content[at] ^ (1 << len(data) % 8),)) + content[at + 1 :]
        case "set":
            return content[:at] + data + content[at + len(data) :]
        case "inserted":
            return content[:at] + data + content[at:]
        case "deleted":
            return content[:at] + content[at + 1 + 8 * len(data) :]
        case "doubled":
            return content[: at + 16 * len(data)] + content[at:]
        case "truncated":
            return content[:at]
        case "appended":
            return content + data * (1 + at % 9)
        case "spliced":
            return content[:at] + donor[at % len(donor) :]
        case _:
            return content[:at] + content[at + 2 : at + 4] + content[at : at + 2] + content[at + 4 :]
