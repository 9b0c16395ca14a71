"""Holds what an encoder is given and what it gives back, the same for every kind of result."""

from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset

from overlays.dicom.encode.description import Description
from overlays.dicom.encode.provenance import Identity, Predecessor
from overlays.dicom.encode.refusal import EncodingRefused, Reason


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


def named_sources(work: Work) -> tuple[Dataset, ...]:
    """The headers that the description names, in its order; all of the named series.

    Raises EncodingRefused (reason SOURCES) where one is not there, or belongs to another series.
    """
    description = work.description
    if description.source_series:
        strangers = [image for image in work.sources if image.get("SeriesInstanceUID") != description.source_series]
        if strangers or not work.sources:
            raise EncodingRefused(
                Reason.SOURCES, f"The source images are not those of the series {description.source_series}."
            )
        return work.sources
    given = {image.get("SOPInstanceUID"): image for image in work.sources}
    missing = [uid for uid in description.sources if uid not in given]
    if missing:
        raise EncodingRefused(
            Reason.SOURCES,
            f"{len(missing)} of {len(description.sources)} source images are not there, such as {missing[0]}.",
        )
    return tuple(given[uid] for uid in description.sources)
