"""Encodes what lies in a folder, in a child process: masks and headers are foreign bytes, and need memory."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

DESCRIPTION = "description.json"
MASKS, SOURCES, OTHERS = "masks", "sources", "others"
"""Folders below it; the files of each are taken in the order of their names. ``others`` are objects that are referred to. Where there
is a mask file a segment, each is named after its segment, maybe behind six digits and a hyphen."""
ENCODED = "encoded.dcm"
JSON_SUFFIX = ".json"
"""Ends the name of a source that is no file of DICOM, but its metadata in DICOM JSON (PS3.18 F.2)."""


def encode(
    folder: Path, *, identity: dict, predecessor: dict | None = None, reader: str = "", before: Sequence[dict] = ()
) -> tuple[dict, bytes]:
    """Write ``encoded.dcm`` into the folder from its ``description.json``, ``masks``, ``sources`` and ``others``.

    ``identity`` has the fields of :class:`~overlays.dicom.encode.provenance.Identity` (``created`` in ISO 8601), ``predecessor`` those
    of ``Predecessor``, each of ``before`` those of ``Tracked``: what the predecessor holds. ``reader`` is the person with whose token it
    came. The result has ``path`` and ``remarks`` ({code, sentence}), or ``refused``: {reason, sentence, faults: [{path, sentence}]}, when
    nothing was written.
    """
    # The libraries take half a second to import; children that only decode never need them.
    from overlays.dicom.encode.description import read_description
    from overlays.dicom.encode.encoders import encode as encode_work
    from overlays.dicom.encode.grid import load_headers
    from overlays.dicom.encode.provenance import Identity, Predecessor
    from overlays.dicom.encode.refusal import EncodingRefused
    from overlays.dicom.encode.tracking import Tracked, tracked
    from overlays.dicom.encode.work import Work

    try:
        asked = read_description((folder / DESCRIPTION).read_bytes(), reader=reader)
        description = tracked(
            asked, [Tracked(**each | {"code": each["code"] and tuple(each["code"])}) for each in before]
        )
        work = Work(
            description=description,
            identity=Identity(**identity | {"created": datetime.fromisoformat(identity["created"])}),
            sources=load_headers(_files(folder / SOURCES)),
            files=_files(folder / MASKS),
            others=load_headers(_files(folder / OTHERS)),
            predecessor=Predecessor(**predecessor) if predecessor else None,
        )
        encoded = encode_work(work)
    except EncodingRefused as refused:
        faults = [asdict(fault) for fault in refused.faults]
        return {"refused": {"reason": refused.reason, "sentence": refused.sentence, "faults": faults}}, b""
    path, written = folder / ENCODED, folder / f"{ENCODED}.part"
    encoded.dataset.save_as(written, enforce_file_format=True)
    os.replace(written, path)
    return {"path": str(path), "remarks": [asdict(remark) for remark in encoded.remarks]}, b""


def _files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.iterdir() if path.is_file())) if folder.is_dir() else ()
