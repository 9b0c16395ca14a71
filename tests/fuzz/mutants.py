"""Draws broken objects: a valid one, changes of its tree, another encoding, and damage to the bytes."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from overlays.dicom.transfer_syntaxes import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TRANSFER_SYNTAXES
from tests.builders.mutations import BASES
from tests.fuzz.changes import CHANGES, Change, apply, grafted
from tests.fuzz.damages import Damage, damaged, damages
from tests.fuzz.examination import BOUNDS, NARROW, examine
from tests.fuzz.report import Report
from tests.fuzz.seeds import Seed, names, seed
from tests.fuzz.tree import Item, written

SYNTAXES = (*TRANSFER_SYNTAXES, EXPLICIT_BE, "", "1.2.3", "1.2.840.10008.1.2.1 ", "1.2.840.10008.1.2.4.100")
FORMS = ("as it is", "implicit", "explicit", "deflated", "renamed")
OFTEN = ("value", "borrowed", "cut", "deleted", "emptied", "moved", "copied", "multiplied", "grafted")


@dataclass(frozen=True)
class Mutant:
    """How a broken object is made, readable enough to be told in a report of a failure."""

    base: str
    changes: tuple[Change, ...]
    donor: str
    form: str
    syntax: int
    damages: tuple[Damage, ...]
    narrow: bool = False
    """Whether it is read under limits so low that it comes up against them."""
    looked_at: bool = True
    """Whether it is drawn and compared too, which takes longest."""

    suffix = ".dcm"

    def examined(self, path: Path, folder: Path) -> Report:
        """What the core makes of it."""
        bounds = NARROW if self.narrow else BOUNDS
        return examine(
            path,
            folder=folder,
            confidential=not self.tells_nothing_apart,
            bounds=bounds,
            looked_at=self.looked_at,
        )

    def content(self) -> bytes:
        """The file."""
        base = seed(self.base)
        content = base.content if base.tree is None else self._changed(base)
        for damage in self.damages:
            content = damaged(content, damage, seed(self.donor).content)
        return content

    @property
    def tells_nothing_apart(self) -> bool:
        """Whether the bytes may have been cut anywhere, so that any value may stand under any tag."""
        return bool(self.damages) or any(change.name in CONFUSING for change in self.changes)

    def _changed(self, base: Seed) -> bytes:
        root = base.tree.copy()
        for change in self.changes:
            if change.name == "grafted":
                grafted(change, root, self.donor)
            else:
                apply(change, root)
        return _as_file(base, root, self.form, self.syntax)


CONFUSING = frozenset(("retagged", "represented", "lied", "delimited", "fragmented", "nested", "flattened", "swapped"))


def mutants(*, real: bool) -> st.SearchStrategy[Mutant]:
    """Any broken object; ``real``: of those of other writers too, where there are any."""
    small, any_number = st.integers(0, 400), st.integers(0, 1 << 16)
    names_of_changes = st.sampled_from((*CHANGES, "grafted", *OFTEN * 3))
    change = st.builds(Change, names_of_changes, small, any_number, any_number)
    base = st.one_of(st.sampled_from(tuple(BASES)), st.sampled_from(names(real=real)))
    unhurt = st.just(())
    return st.builds(
        Mutant,
        base,
        st.lists(change, max_size=6).map(tuple),
        base,
        st.sampled_from((*(FORMS[0],) * 8, *FORMS)),
        st.integers(0, len(SYNTAXES) - 1),
        st.one_of(*(unhurt,) * 5, st.lists(damages(), max_size=3).map(tuple)),
        st.integers(0, 7).map(lambda number: number == 7),
        st.integers(0, 3).map(lambda number: number == 3),
    )


def _as_file(base: Seed, root: Item, form: str, syntax: int) -> bytes:
    uid = {"implicit": IMPLICIT_LE, "explicit": EXPLICIT_LE, "deflated": DEFLATED_LE}.get(form, base.syntax)
    body = written(root, implicit=uid == IMPLICIT_LE)
    if uid == DEFLATED_LE:
        engine = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = engine.compress(body) + engine.flush()
    named = SYNTAXES[syntax % len(SYNTAXES)] if form == "renamed" else uid
    classes = [element.value for element in root.elements if element.tag == 0x00080016]
    return _meta(base.meta, named, classes[0] if classes else b"") + body


def _meta(meta: bytes, syntax: str, sop_class: bytes) -> bytes:
    """The meta information with another transfer syntax, and the SOP class of the data set."""
    out, at = b"", 132
    while at + 8 <= len(meta):
        tag = struct.unpack_from("<HH", meta, at)
        long = meta[at + 4 : at + 6] in (b"OB", b"UN", b"UT")
        length = struct.unpack_from("<L", meta, at + 8)[0] if long else struct.unpack_from("<H", meta, at + 6)[0]
        end = at + (12 if long else 8) + length
        value = {(2, 0x10): syntax.encode(), (2, 2): sop_class}.get(tag)
        if tag != (2, 0):
            out += meta[at:end] if value is None or len(value) > 64 else _uid(tag, value)
        at = end
    return meta[:132] + struct.pack("<HH2sHL", 2, 0, b"UL", 4, len(out)) + out


def _uid(tag: tuple[int, int], value: bytes) -> bytes:
    value += b"\x00" * (len(value) % 2)
    return struct.pack("<HH2sH", *tag, b"UI", len(value)) + value
