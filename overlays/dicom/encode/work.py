"""Holds what an encoder is given and what it gives back, the same for every kind of result."""

from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset

from overlays.dicom.encode.description import Description
from overlays.dicom.encode.provenance import Identity, Predecessor


@dataclass(frozen=True, kw_only=True)
class Work:
    """One thing to encode.

    ``sources`` are the headers of the source images that the description names, in its order, else in the order given. ``files`` are
    the masks or maps, in the client's order; their names end as their formats do. ``others`` are headers of objects that are referred
    to without being sources, such as the segmentation that a report measures.
    """

    description: Description
    identity: Identity
    sources: tuple[Dataset, ...]
    files: tuple[Path, ...] = ()
    others: tuple[Dataset, ...] = ()
    predecessor: Predecessor | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the client should know of what was encoded all the same: a word for programs and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """The object, ready to be written with ``dataset.save_as(path, enforce_file_format=True)``, and remarks on it."""

    dataset: Dataset
    remarks: tuple[Remark, ...] = ()
