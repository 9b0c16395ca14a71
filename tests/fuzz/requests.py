"""Draws requests to encode, broken in their description, their mask or their source images; each travels as one ZIP file."""

import json
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from hypothesis import strategies as st

from overlays.dicom.bounds import Bounds
from overlays.dicom.child_encode import DESCRIPTION, MASKS, OTHERS, SOURCES
from overlays.dicom.encode.encoders import ENCODERS
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.scan import scan
from tests.builders import segmentation, to_bytes
from tests.dicom.encode import wishes
from tests.fuzz.changes import Change, apply
from tests.fuzz.damages import Damage, damaged, damages
from tests.fuzz.encoding import SOUND_SOURCES, examine_request
from tests.fuzz.masks import EPOCH, MASK_NAMES, broken_mask
from tests.fuzz.report import Report
from tests.fuzz.tree import parsed, written

IN_PLANES = ("segmentation planes", "parametric_map")
"""Whose masks have no geometry."""
EDITS = ("set", "delete", "twice", "add", "swap", "wrap", "rename")
CODE = {"value": "10200004", "scheme": "SCT", "meaning": "Liver"}
SQUARE = [[1, 1], [9, 1], [9, 9], [1, 9], [1, 1]]
VALUES: tuple[object, ...] = (
    *(None, True, False, 0, 1, 2, -1, 255, 256, 65535, 65536, 10**30, 0.5, -0.0, 1e-320, 1e38, 1e308, -1e308),
    *(
        "",
        " ",
        "x",
        "x" * 65,
        "x" * 5000,
        "a\\b",
        "a\x00b",
        "\ud800",
        "ä一",
        "^",
        "=",
        "\n",
        "#ff0000",
        "#gg0000",
        "1.2.3",
        "1..2",
    ),
    *(
        "BINARY",
        "FRACTIONAL",
        "LABELMAP",
        "PROBABILITY",
        "OCCUPANCY",
        "MANUAL",
        "SEMIAUTOMATIC",
        "AUTOMATIC",
        "liver",
        "spleen",
    ),
    *(
        "rle",
        "jpeg-2000",
        "jpeg-ls",
        "deflated",
        "none",
        "POINT",
        "POLYGON",
        "ELLIPSOID",
        "CIRCLE",
        "uint8",
        "uint16",
        "float64",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        [0, 0],
        [1e308, 1e308],
        [[0, 0], [1e308, -1e308]],
        SQUARE,
        CODE,
        {"value": "", "scheme": "", "meaning": ""},
    ),
)


@dataclass(frozen=True)
class Edit:
    """One change of a JSON value at the ``place``-th of its members."""

    name: str
    place: int
    choice: int


@dataclass(frozen=True)
class Request:
    """How a broken request is made."""

    base: str
    edits: tuple[Edit, ...]
    mask: str
    inside: bool
    """Whether the mask is damaged behind its compression."""
    damages: tuple[Damage, ...]
    changes: tuple[Change, ...]
    """Of the first source image."""
    text: tuple[Damage, ...] = ()
    """Damage to the JSON text."""

    suffix = ".zip"

    def examined(self, path: Path, folder: Path) -> Report:
        """What the encoders make of it."""
        return examine_request(path, folder=folder)

    def content(self) -> bytes:
        """The ZIP file of a folder as ``child_encode`` takes it."""
        document = deepcopy(documents()[self.base])
        for edit in self.edits:
            _edit(document, edit)
        text = json.dumps(document).encode()
        for damage in self.text:
            text = damaged(text, damage, b"[" * 2000)
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.comment = b"" if self.changes else SOUND_SOURCES
            archive.writestr(zipfile.ZipInfo(DESCRIPTION, EPOCH), text)
            for name, content in (*self._masks(), *self._sources()):
                archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
        return out.getvalue()

    def _masks(self) -> Iterator[tuple[str, bytes]]:
        if self.base not in ("report", "presentation_state"):
            yield f"{MASKS}/{self.mask}", broken_mask(self.mask, self.damages, self.inside)

    def _sources(self) -> Iterator[tuple[str, bytes]]:
        for number, content in enumerate(_images()):
            yield f"{SOURCES}/{number}.dcm", _changed(content, self.changes) if number == 0 else content
        if self.base == "report":
            yield f"{OTHERS}/seg.dcm", to_bytes(segmentation())


def requests() -> st.SearchStrategy[Request]:
    """Any broken request."""
    numbers, few = st.integers(0, 1 << 16), st.integers(0, 400)
    edit = st.builds(Edit, st.sampled_from(EDITS), few, few)
    change = st.builds(
        Change, st.sampled_from(("value", "deleted", "emptied", "cut", "borrowed", "copied")), few, numbers, numbers
    )
    none = st.just(())
    return st.builds(
        Request,
        st.sampled_from([kind for kind in documents() if kind in ENCODERS or kind.partition(" ")[0] in ENCODERS]),
        st.one_of(none, st.lists(edit, max_size=2).map(tuple)),
        st.sampled_from(MASK_NAMES),
        st.booleans(),
        st.one_of(none, none, st.lists(damages(), max_size=3).map(tuple)),
        st.one_of(none, none, st.lists(change, max_size=3).map(tuple)),
        st.one_of(*(none,) * 6, st.lists(damages(), max_size=2).map(tuple)),
    )


@cache
def _images() -> tuple[bytes, ...]:
    return tuple(to_bytes(image) for image in wishes.sources())


def _changed(content: bytes, changes: tuple[Change, ...]) -> bytes:
    body = read_file_meta(content).body
    root = parsed(scan(content, body, len(content), implicit=False, bounds=Bounds()))
    for change in changes:
        apply(change, root)
    return content[:body] + written(root, implicit=False)


@cache
def documents() -> dict[str, dict]:
    """Sound descriptions; the first word of each name is the kind."""
    uids = [str(image.SOPInstanceUID) for image in wishes.sources()]
    common = {"model": {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI"}, "sources": uids}
    measured = {
        "name": CODE | {"value": "118565006"},
        "value": 12.5,
        "unit": {"value": "mm3", "scheme": "UCUM", "meaning": "mm3"},
    }
    group = {"tracking_id": "Lesion 1", "finding": CODE, "measurements": [measured]}
    seg = str(segmentation().SOPInstanceUID)
    groups = [
        group | {"segment": {"instance": seg, "number": 1}},
        group | {"regions": [{"image": uids[0], "type": "POLYLINE", "points": SQUARE}]},
        group | {"regions_3d": [{"type": "POLYGON", "points": [[0, 0, 0], [5, 0, 0], [5, 5, 0], [0, 0, 0]]}]},
        group | {"images": uids[:1]},
    ]
    drawn = {
        "image": uids[0],
        "graphics": [{"type": "POLYLINE", "points": SQUARE}],
        "texts": [{"text": "a", "anchor": [2, 1]}],
    }
    palette = [{"at": 0, "colour": "#000000"}, {"at": 1, "colour": "#ffffff"}]
    quantity = {"value": "110849", "scheme": "DCM", "meaning": "Class activation"}
    one = {"label": "LIVER", "unit": {"value": "1", "scheme": "UCUM", "meaning": "no units"}, "quantity": quantity}
    parts = {
        "segmentation binary": wishes.document()["segmentation"],
        "segmentation labelmap": wishes.document(type="LABELMAP")["segmentation"],
        "segmentation fractional": wishes.document(type="FRACTIONAL")["segmentation"],
        "segmentation planes": wishes.document()["segmentation"],
        "report": {"groups": groups},
        "parametric_map": {"maps": [one]},
        "presentation_state": {
            "form": "PSEUDO_COLOR",
            "palette": palette,
            "window": {"center": 40, "width": 400},
            "layers": [{"name": "AI"}],
            "annotations": [drawn],
        },
    }
    planes = {"planes": uids}
    return {
        name: common | {"kind": name.split()[0], name.split()[0]: part} | (planes if name in IN_PLANES else {})
        for name, part in parts.items()
    }


def _edit(document: dict, edit: Edit) -> None:
    members = [*_members(document)]
    if not members:
        return
    holder, key = members[edit.place % len(members)]
    value = deepcopy(VALUES[edit.choice % len(VALUES)])
    other_holder, other_key = members[edit.choice % len(members)]
    match edit.name:
        case "set":
            holder[key] = value
        case "delete":
            del holder[key]
        case "twice" if isinstance(holder, list):
            holder[key:key] = [deepcopy(holder[key])] * (1 + edit.choice % 40)
        case "add" if isinstance(holder, dict):
            holder[str(value)[:20]] = value
        case "swap":
            holder[key], other_holder[other_key] = deepcopy(other_holder[other_key]), deepcopy(holder[key])
        case "wrap":
            for _ in range(1 + edit.choice % 60):
                holder[key] = [holder[key]]
        case "rename" if isinstance(holder, dict):
            holder[f"{key}_"] = holder.pop(key)


def _members(value: object) -> Iterator[tuple[dict | list, str | int]]:
    """Every place in a JSON value that holds another."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _members(inner)
