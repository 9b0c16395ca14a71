"""Mutations of key object selections: what the rules KO must tell."""

from collections.abc import Callable
from copy import deepcopy

from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import FOREIGN, Mutation, set_to, without

EVIDENCE = "CurrentRequestedProcedureEvidenceSequence"


def _title(value: str, scheme: str = "DCM") -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        data_set.ConceptNameCodeSequence[0].CodeValue = value
        data_set.ConceptNameCodeSequence[0].CodingSchemeDesignator = scheme

    return change


def _child(value_type: str, keyword: str, value: object) -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        setattr(next(item for item in data_set.ContentSequence if item.ValueType == value_type), keyword, value)

    return change


def _selects_nothing(data_set: Dataset) -> None:
    data_set.ContentSequence = [item for item in data_set.ContentSequence if item.ValueType != "IMAGE"]


def _names_nothing(data_set: Dataset) -> None:
    _selects_nothing(data_set)
    del data_set[EVIDENCE]


def _stranger(data_set: Dataset) -> None:
    """One more is selected than is listed."""
    item = deepcopy(data_set.ContentSequence[-1])
    item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = FOREIGN
    data_set.ContentSequence.append(item)


def _one_less(data_set: Dataset) -> None:
    data_set.ContentSequence.pop()


def _another_template(data_set: Dataset) -> None:
    data_set.ContentTemplateSequence[0].TemplateIdentifier = "1500"


def _another_study(data_set: Dataset) -> None:
    """The last series that is listed lies in another study."""
    study = data_set[EVIDENCE].value[0]
    other = Dataset()
    other.StudyInstanceUID = FOREIGN
    other.ReferencedSeriesSequence = [study.ReferencedSeriesSequence.pop()]
    data_set[EVIDENCE].value.append(other)


def _image(data_set: Dataset) -> Dataset:
    return next(item for item in data_set.ContentSequence if item.ValueType == "IMAGE")


def _another_class(data_set: Dataset) -> None:
    _image(data_set).ReferencedSOPSequence[0].ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"


def _box(data_set: Dataset) -> None:
    """The first image in a container."""
    image = _image(data_set)
    box = Dataset()
    box.RelationshipType, box.ValueType, box.ContinuityOfContent = "CONTAINS", "CONTAINER", "SEPARATE"
    box.ContentSequence = [deepcopy(image)]
    data_set.ContentSequence = [box if item is image else item for item in data_set.ContentSequence]


def _twice(data_set: Dataset) -> None:
    data_set.ContentSequence.append(deepcopy(_image(data_set)))


def _own_series(data_set: Dataset) -> None:
    data_set.SeriesInstanceUID = data_set[EVIDENCE].value[0].ReferencedSeriesSequence[0].SeriesInstanceUID


MUTATIONS: tuple[Mutation, ...] = tuple(
    Mutation(name=name, rules=rules, base="key objects", change=change)
    for name, rules, change in (
        ("a selection that is no container", ("KO-001",), set_to("ValueType", "TEXT")),
        ("a selection without title", ("KO-001",), without("ConceptNameCodeSequence")),
        ("a title of nobody", ("KO-002",), _title("113999")),
        ("a title of another scheme", ("KO-002",), _title("113000", "99LOCAL")),
        ("a rejection for patient safety", ("KO-003",), _title("113037")),
        ("a selection of nothing", ("KO-004",), _selects_nothing),
        ("a selection that names no object", ("KO-004", "REF-001"), _names_nothing),
        ("a selected object that is no evidence", ("KO-005",), _stranger),
        ("evidence that is not selected", ("KO-006",), _one_less),
        ("a selection by another template", ("KO-007",), _another_template),
        ("a selection without template", ("KO-007",), without("ContentTemplateSequence")),
        ("coordinates in a selection", ("KO-008",), _child("TEXT", "ValueType", "SCOORD")),
        ("a number in a selection", ("KO-008",), _child("TEXT", "ValueType", "NUM")),
        ("an inference in a selection", ("KO-009",), _child("TEXT", "RelationshipType", "INFERRED FROM")),
        ("a selection across studies", ("KO-010",), _another_study),
        ("an object selected by another class", ("KO-011",), _another_class),
        ("a selection that is verified", ("KO-012",), set_to("VerificationFlag", "VERIFIED")),
        ("a selection in boxes", ("KO-013",), _box),
        ("an image selected twice", ("KO-014",), _twice),
        ("a selection in the series of what it selects", ("IDN-005",), _own_series),
    )
)
