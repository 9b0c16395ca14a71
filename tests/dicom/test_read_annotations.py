"""Tests what is read of bulk annotations."""

from pathlib import Path

import numpy as np
import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Code, Instance
from tests.builders import to_bytes, uid
from tests.builders.annotations import annotations
from tests.builders.images import slide_image


@pytest.fixture
def inspected(tmp_path: Path):
    def reading(data_set, bounds: Bounds | None = None):
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=bounds or Bounds())

    return reading


@pytest.fixture
def read(inspected):
    def reading(data_set) -> Instance:
        return inspected(data_set).instance

    return reading


@pytest.mark.parametrize("kind", ["2D", "3D"])
def test_groups_are_read_with_codes_counts_and_colours(read, kind: str) -> None:
    nuclei, doubtful = read(annotations(kind=kind)).annotation_groups
    assert (nuclei.number, nuclei.label, nuclei.graphic_type, nuclei.annotations) == (1, "Nuclei", "POLYGON", 5)
    assert (doubtful.number, doubtful.graphic_type, doubtful.annotations) == (2, "ELLIPSE", 3)
    assert nuclei.property_type == Code(value="84640000", scheme="SCT", meaning="Nucleus")
    assert (nuclei.generation_type, nuclei.algorithm_name) == ("AUTOMATIC", "NucleiFinder")
    assert (nuclei.measurements, doubtful.measurements) == (("Area",), ())
    assert nuclei.rgb == (200, 30, 30)
    assert nuclei.uid == uid("annotations", "group", 1)


def test_the_algorithm_of_a_group_is_believed_first(read) -> None:
    best = read(annotations()).algorithms[0]
    assert (best.rank, best.name, best.version, best.manufacturer) == (1, "NucleiFinder", "1.3.0", "ACME AI")


def test_the_source_is_the_image_with_its_series(read) -> None:
    image = slide_image()
    (reference,) = read(annotations(source=image)).references
    assert (reference.sop_instance_uid, reference.series_instance_uid) == (
        image.SOPInstanceUID,
        image.SeriesInstanceUID,
    )


def test_an_image_that_only_the_coordinates_name_is_a_source(read) -> None:
    made = annotations()
    del made.ReferencedSeriesSequence
    assert [reference.sop_instance_uid for reference in read(made).references] == [slide_image().SOPInstanceUID]


def test_coordinates_may_be_longer_than_any_other_value(inspected) -> None:
    small = inspected(annotations(nuclei=200), Bounds(max_value_bytes=5000))
    assert small.findings == ()
    assert small.instance.annotation_groups[0].annotations == 200


def test_indices_beyond_the_first_piece_are_looked_at(inspected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overlays.dicom.long_values.BINARY_PIECE", 64)
    made = annotations(nuclei=200)
    group = made.AnnotationGroupSequence[0]
    indices = np.frombuffer(group.LongPrimitivePointIndexList, "<u4").copy()
    assert inspected(made).findings == ()
    indices[16] = indices[15]
    group.LongPrimitivePointIndexList = indices.tobytes()
    assert [finding.rule for finding in inspected(made).findings] == ["ANN-009"]
