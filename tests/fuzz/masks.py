"""Gives masks in every format that is read, sound or damaged."""

import gzip
import tempfile
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

from tests.dicom.encode import files, wishes
from tests.fuzz.damages import Damage, damaged

MASK_NAMES = ("mask.nii.gz", "mask.nii", "mask.nrrd", "mask.npz", "mask.npy", "mask.zip", "fractions.npz")
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of every member of an archive: the same input has the same bytes."""


@cache
def _masks() -> dict[str, bytes]:
    """One sound mask in every format."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, array, affine = Path(scratch), wishes.labels(), wishes.affine()
        made = [files.nifti(folder, array, affine, name=name) for name in MASK_NAMES[:2]]
        made += [files.nrrd_file(folder, array, affine), files.npz(folder, array, affine)]
        made += [files.npy(folder, array), files.png_archive(folder, array)]
        found = {path.name: path.read_bytes() for path in made}
        found["fractions.npz"] = files.npz(folder, wishes.fractions(), affine).read_bytes()
    return found


def broken_mask(name: str, wounds: tuple[Damage, ...], inside: bool) -> bytes:
    """The mask of that name after the damages; with ``inside`` they are behind its compression."""
    content = _masks()[name]
    for damage in wounds:
        donor = _masks()[MASK_NAMES[damage.place % len(MASK_NAMES)]]
        if inside and name.endswith(".gz"):
            content = gzip.compress(damaged(gzip.decompress(content), damage, donor), mtime=0)
        elif inside and name.endswith((".npz", ".zip")):
            content = _rezipped(content, damage, donor)
        else:
            content, inside = damaged(content, damage, donor), False
    return content


def _rezipped(content: bytes, damage: Damage, donor: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        entries = old.infolist()
        for entry in entries:
            member = old.read(entry)
            if entry is entries[damage.place % len(entries)]:
                member = damaged(member, damage, donor)
            new.writestr(zipfile.ZipInfo(entry.filename, EPOCH), member)
    return out.getvalue()
