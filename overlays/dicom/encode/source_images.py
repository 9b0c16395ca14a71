"""Writes into an encoded image which images it was computed from, and how far they lie apart."""

from pydicom import Dataset
from pydicom.valuerep import DSfloat

from overlays.dicom.encode.grid import Grid, is_tiled


def tell_sources(built: Dataset, grid: Grid) -> None:
    """Put all sources into Source Image Sequence and Common Instance Reference (PS3.3 C.12.2), and their distance into Pixel Measures.

    highdicom is only given the images on which the planes lie; it calls the distance of those the Spacing Between Slices, which readers
    take for the depth of a voxel. Changes ``built`` in place.
    """
    beyond = len(grid.sources) > len(grid.images)
    _tell_spacing(built, grid, invented=beyond and "SpacingBetweenSlices" not in grid.images[0])
    if beyond:
        references = [_reference(image) for image in grid.sources]
        series = Dataset()
        series.SeriesInstanceUID = grid.sources[0].SeriesInstanceUID  # one for all of them, which was checked
        series.ReferencedInstanceSequence = references
        built.SourceImageSequence = references
        built.ReferencedSeriesSequence = [series]


def _tell_spacing(built: Dataset, grid: Grid, *, invented: bool) -> None:
    measures = built.SharedFunctionalGroupsSequence[0].get("PixelMeasuresSequence")
    if not measures or is_tiled(grid.images[0]):
        return
    if grid.spacing is not None:
        measures[0].SpacingBetweenSlices = DSfloat(grid.spacing, auto_format=True)
    elif invented:
        measures[0].pop("SpacingBetweenSlices", None)


def _reference(image: Dataset) -> Dataset:
    """An item of the Image SOP Instance Reference macro (PS3.3 10.3)."""
    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    return found
