"""Asks the archive for what drawing needs of single images: what they say of themselves, and their files, within bounds."""

import time
from collections.abc import Collection, Iterator

from overlays.archive.connection import Answer, Connection
from overlays.archive.elements import Element, elements
from overlays.archive.parts import PART_10, instances
from overlays.archive.sources import INSTANCE, JSON, SERIES, STUDY
from overlays.archive.values import text
from overlays.dicom.instance import KnownSource
from overlays.governance.errors import ArchiveFailed, ArchiveTooSlow

FEW = 8
"""Up to so many instances of a series are asked for one by one; of more, the whole series at once."""
MOST_DATA_SETS = 20_000
MOST_DESCRIBING_BYTES = 1 << 27
DESCRIBING_SECONDS = 30.0
FILE_SECONDS = 30.0
MOST_FILE_BYTES = 1 << 28
"""Of one image: 500 frames of 512 by 512 pixels, 16 bits each, uncompressed."""
MULTIPART = f'multipart/related; type="{PART_10}"; transfer-syntax=*'
ALONE = f"{PART_10}; transfer-syntax=*"


def described_series(archive: Connection, study: str, series: str, *, ends: float) -> dict[str, Element]:
    """What all instances of a series say. Raises as ``described``."""
    return _data_sets(archive, [f"studies/{study}/series/{series}/metadata"], study, series, None, ends)


def described(
    archive: Connection, study: str, series: str, wanted: Collection[str], *, ends: float
) -> dict[str, Element]:
    """What the wanted instances of a series say, without their pixels; those that the archive does not have are not there.

    ``ends`` is when it takes too long, of the monotonic clock. Raises ArchiveFailed, also for data sets of another study or series, and
    ArchiveTooSlow.
    """
    path = f"studies/{study}/series/{series}"
    few = len(wanted) <= FEW
    paths = [f"{path}/instances/{uid}/metadata" for uid in sorted(wanted)] if few else [f"{path}/metadata"]
    return _data_sets(archive, paths, study, series, wanted, ends)


def _data_sets(
    archive: Connection, paths: list[str], study: str, series: str, wanted: Collection[str] | None, ends: float
) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for each in paths:
        left = ends - time.monotonic()
        if left <= 0:
            raise ArchiveTooSlow("The archive takes too long to tell of its images.")
        for number, element in enumerate(_told(archive, each, left)):
            if number >= MOST_DATA_SETS:
                raise ArchiveFailed(f"A series of the archive has more than {MOST_DATA_SETS} instances.")
            if (text(element, STUDY), text(element, SERIES)) != (study, series):
                raise ArchiveFailed("The archive answers with instances of another study or series than was asked for.")
            uid = text(element, INSTANCE)
            if uid and (wanted is None or uid in wanted):
                found.setdefault(uid, element)
    return found


def _told(archive: Connection, path: str, seconds: float) -> Iterator[Element]:
    return elements(archive.get(path, headers=JSON), seconds=seconds, at_most=MOST_DESCRIBING_BYTES)


def file_of(archive: Connection, image: KnownSource) -> Iterator[bytes]:
    """The file of one image as the archive has it, as it comes.

    Raises ArchiveFailed for another one, a broken one, or one with more bytes than are taken; ArchiveTooSlow.
    """
    path = f"studies/{image.study_instance_uid}/series/{image.series_instance_uid}/instances/{image.sop_instance_uid}"
    answer = _asked(archive, path)
    wanted = {(image.sop_class_uid, image.sop_instance_uid)}
    delivered: set[str] = set()
    for content in instances(answer, wanted, delivered, seconds=FILE_SECONDS, at_most=MOST_FILE_BYTES):
        yield from content
    if not delivered:
        raise ArchiveFailed("The archive answers with another object than was asked for.")


def _asked(archive: Connection, path: str) -> Answer:
    for accept in (MULTIPART, ALONE):  # some archives know but one of the two
        answer = archive.get(path, headers={"Accept": accept})
        if answer.status == 200:
            return answer
        answer.close()
    raise ArchiveFailed("The archive does not give an image that it has told of.")
