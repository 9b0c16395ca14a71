"""Tests in which plane a contour lies, and what is made of it against the known images."""

from dataclasses import replace
from pathlib import Path

import pytest

from overlays.dicom import structure
from overlays.dicom.against_sources import compare
from overlays.dicom.bounds import Bounds
from overlays.dicom.contours import Contour, Plane, plane_of
from overlays.dicom.inspect import inspect
from overlays.dicom.scan import scan
from tests.builders import ct_series, sources_of, to_bytes
from tests.builders.mutations import raw
from tests.builders.structure_sets import structure_set

SQUARE = (0, 0, 5, 4, 0, 5, 4, 4, 5, 0, 4, 5)


def contour(*coordinates: object) -> Contour:
    content = raw.element(0x30060050, b"UN", "\\".join(map(str, coordinates)).encode())
    table = scan(content, 0, len(content), implicit=False, bounds=Bounds())
    return Contour(table, 0, 1, "CLOSED_PLANAR", None, len(coordinates), ())


def moved(point: int, by: float) -> list[float]:
    return [value + by * (at == 3 * point + 2) for at, value in enumerate(SQUARE)]


def test_a_flat_contour_lies_in_its_plane() -> None:
    plane = plane_of(contour(*SQUARE))
    assert plane.centre == (2, 2, 5)
    assert plane.normal == (0, 0, 1)
    assert plane.apart == 0


def test_a_bent_one_lies_beside_it() -> None:
    assert plane_of(contour(*moved(0, 2.0))).apart == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "coordinates",
    [
        (),
        (1, 2, 3),
        (0, 0, 0, 1, 1, 1, 2, 2, 2),
        SQUARE[:-1],
        (*SQUARE[:-1], "x"),
        (*SQUARE[:-1], "nan"),
        (*SQUARE[:-1], "1e300"),
    ],
    ids=["nothing", "a point", "a line", "no triples", "a word", "no number", "too far"],
)
def test_what_spans_no_plane_has_none(coordinates: tuple) -> None:
    assert plane_of(contour(*coordinates)) is None


def test_a_plane_knows_how_far_a_point_is() -> None:
    assert Plane((0, 0, 1), (0, 0, 1), 0).distance((7, 8, 3.5)) == 2.5


def test_no_more_coordinates_than_a_bound_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure, "MAX_PLACED_VALUES", 30)
    path = tmp_path / "object.dcm"
    path.write_bytes(to_bytes(structure_set()))
    instance = inspect(path, bounds=Bounds()).instance
    assert len(instance.contour_planes) == 2
    assert instance.regions[1].points == 16


@pytest.mark.parametrize(("lifted", "told"), [(0.0, set()), (0.3, set()), (1.25, {"SRC-009"})])
def test_contours_beside_the_plane_of_their_known_image_are_told(tmp_path: Path, lifted: float, told: set[str]) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(to_bytes(structure_set()))
    instance = inspect(path, bounds=Bounds()).instance
    known = []
    for source in sources_of(ct_series()):
        x, y, z = source.grid.position
        known.append(replace(source, grid=replace(source.grid, position=(x, y, z + lifted))))
    assert {finding.rule for finding in compare(instance, known)} == told
