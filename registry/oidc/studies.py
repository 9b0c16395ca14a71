"""Reads and combines the lists of studies to which a grant is narrowed; None means that it is not narrowed."""

import re
from collections.abc import Iterable

UID = re.compile(r"(?=.{1,64}\Z)(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*", re.ASCII)
"""A unique identifier as PS3.5 9.1 writes it: at most 64 characters, no leading zeros in a component."""

MOST = 64
"""Study Instance UIDs in one grant: a token with as many still fits the 8 KiB that a server takes as a header."""

Studies = frozenset[str] | None


def parse(values: Iterable[object]) -> frozenset[str]:
    """The Study Instance UIDs, each checked.

    Raises ValueError for none, for more than ``MOST``, and for one that is not a UID.
    """
    uids = list(values)
    if not uids or len(uids) > MOST:
        raise ValueError(f"between 1 and {MOST} Study Instance UIDs are expected, not {len(uids)}")
    for uid in uids:
        if not isinstance(uid, str) or not UID.fullmatch(uid):
            raise ValueError("a Study Instance UID has digits and dots only, at most 64 characters (PS3.5 9.1)")
    return frozenset(uids)


def from_parameter(text: str) -> Studies:
    """The UIDs of a request parameter, separated by spaces; None where the parameter is absent. Raises ValueError."""
    return parse(text.split()[: MOST + 1]) if text.strip() else None


def from_column(stored: object) -> Studies:
    """The UIDs of a JSON column or claim: a list, or None. Raises ValueError for anything else."""
    if stored is None:
        return None
    if not isinstance(stored, list):
        raise ValueError("studies are given as a list")
    return parse(stored)


def narrowed(*grants: Studies) -> Studies:
    """What all the grants reach; an empty set where they share no study."""
    reached: Studies = None
    for grant in grants:
        if grant is not None:
            reached = grant if reached is None else reached & grant
    return reached
