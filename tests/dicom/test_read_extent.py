"""Tests the box in space through the outermost pixels of all frames."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Grid
from overlays.dicom.read_extent import axes_of, corners
from tests.builders import ct_series, report, segmentation, to_bytes

GRID = Grid(rows=3, columns=5, pixel_spacing=(2.0, 1.0), orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0))


def test_the_box_goes_from_the_first_pixel_of_the_lowest_to_the_last_of_the_highest_plane() -> None:
    found = corners(GRID, [(10.0, 20.0, 5.0), (10.0, 20.0, -5.0)])
    assert (found[0], found[-1], len(found)) == ((10.0, 20.0, -5.0), (14.0, 24.0, 5.0), 8)


def test_one_plane_has_four_corners() -> None:
    assert len(corners(GRID, [(0.0, 0.0, 0.0)])) == 4


def _changed(**changes: object) -> Grid:
    return Grid(**{"rows": 3, "columns": 5, "pixel_spacing": (2.0, 1.0), "orientation": GRID.orientation, **changes})


@pytest.mark.parametrize(
    "grid",
    [
        _changed(rows=0),
        _changed(columns=-3),
        _changed(pixel_spacing=None),
        _changed(pixel_spacing=(1e308, 1e308)),
        _changed(orientation=None),
        _changed(orientation=(0.0,) * 6),
        _changed(orientation=(1e300, 0.0, 0.0, 0.0, 1.0, 0.0)),
    ],
)
def test_a_grid_that_cannot_be_reckoned_with_has_no_corners(grid: Grid) -> None:
    assert corners(grid, [(0.0, 0.0, 0.0)]) == ()


def test_axes_are_those_of_rows_columns_and_normal() -> None:
    assert axes_of(GRID).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("made", "count"), [(segmentation, 8), (lambda: ct_series()[0], 4), (report, 0)], ids=["SEG", "CT", "SR"]
)
def test_every_object_with_a_place_says_its_extent(made, count: int, tmp_path: Path) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(to_bytes(made()))
    assert len(inspect(path, bounds=Bounds()).instance.extent) == count
