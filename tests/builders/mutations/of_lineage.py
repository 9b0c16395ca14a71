"""Breaks what the rules say of lineage."""

from copy import deepcopy

from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import FOREIGN, Mutation
from tests.builders.segmentations import add_predecessor
from tests.builders.uids import uid

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
SOURCE_SERIES = "121232"


def listed_elsewhere(data_set: Dataset) -> None:
    """All series of the sources stand in the list for other studies."""
    study = Dataset()
    study.StudyInstanceUID = FOREIGN
    study.ReferencedSeriesSequence = data_set.ReferencedSeriesSequence
    data_set.StudiesContainingOtherReferencedInstancesSequence = [study]
    del data_set.ReferencedSeriesSequence


def _unused_series(data_set: Dataset) -> None:
    series = deepcopy(data_set.ReferencedSeriesSequence[0])
    series.SeriesInstanceUID = FOREIGN
    for number, item in enumerate(series.ReferencedInstanceSequence):
        item.ReferencedSOPInstanceUID = uid("unused", number)
    data_set.ReferencedSeriesSequence.append(series)


def _stray_source(data_set: Dataset) -> None:
    data_set.SourceImageSequence[0].ReferencedSOPInstanceUID = FOREIGN


def _other_class(data_set: Dataset) -> None:
    frame = data_set.PerFrameFunctionalGroupsSequence[0]
    # The class of a source is taken from the first frame that names it.
    frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPClassUID = MR_IMAGE


def _items(data_set: Dataset) -> list[Dataset]:
    return [item for item in data_set.iterall() if item.keyword == "ContentSequence" for item in item.value]


def _other_class_in_content(data_set: Dataset) -> None:
    image = next(item for item in _items(data_set) if item.ValueType == "IMAGE")
    image.ReferencedSOPSequence[0].ReferencedSOPClassUID = MR_IMAGE


def _other_series(data_set: Dataset) -> None:
    named = (item for item in _items(data_set) if "ConceptNameCodeSequence" in item)
    next(item for item in named if item.ConceptNameCodeSequence[0].CodeValue == SOURCE_SERIES).UID = FOREIGN


def _predecessor(data_set: Dataset) -> Dataset:
    """A predecessor of the object, as both sequences name it; the study of the first."""
    before = Dataset()
    before.SOPClassUID, before.StudyInstanceUID = data_set.SOPClassUID, data_set.StudyInstanceUID
    before.SOPInstanceUID, before.SeriesInstanceUID = uid("predecessor"), uid("series of the predecessor")
    add_predecessor(data_set, before)
    return data_set.PredecessorDocumentsSequence[0]


def _in_another_study(data_set: Dataset) -> None:
    _predecessor(data_set).StudyInstanceUID = FOREIGN


def _of_another_class(data_set: Dataset) -> None:
    study = _predecessor(data_set)
    study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPClassUID = MR_IMAGE


def _two_predecessors(data_set: Dataset) -> None:
    _predecessor(data_set)
    data_set.SourceInstanceSequence[0].ReferencedSOPInstanceUID = FOREIGN


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="a series that no frame uses", rules=("LIN-001",), change=_unused_series),
    Mutation(name="a source image in no list", rules=("LIN-002",), change=_stray_source),
    Mutation(name="a source of two classes", rules=("LIN-003",), change=_other_class),
    Mutation(name="evidence of two classes", rules=("LIN-003",), base="report", change=_other_class_in_content),
    Mutation(name="a source series without evidence", rules=("LIN-004",), base="report", change=_other_series),
    Mutation(name="a predecessor in another study", rules=("LIN-005",), change=_in_another_study),
    Mutation(name="a predecessor of another class", rules=("LIN-006",), change=_of_another_class),
    Mutation(name="two predecessors that differ", rules=("LIN-007",), change=_two_predecessors),
)
