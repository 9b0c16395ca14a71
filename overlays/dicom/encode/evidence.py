"""Lists in a document what it rests on (PS3.3 C.17.2)."""

from collections.abc import Mapping, Sequence

from pydicom import Dataset


def list_evidence(built: Dataset, evidence: Sequence[Dataset]) -> None:
    """Everything that the report rests on, whether the content names it or not (PS3.3 C.17.2), in the order given.

    highdicom puts what the content does not name among the evidence of other procedures.
    """
    tree: dict[str, dict[str, list[Dataset]]] = {}
    for item in evidence:
        tree.setdefault(item.StudyInstanceUID, {}).setdefault(item.SeriesInstanceUID, []).append(item)
    own = {study: series for study, series in tree.items() if study == built.StudyInstanceUID}
    built.CurrentRequestedProcedureEvidenceSequence = _studies(own)
    built.pop("PertinentOtherEvidenceSequence", None)
    if len(own) < len(tree):
        built.PertinentOtherEvidenceSequence = _studies({study: tree[study] for study in tree if study not in own})


def _studies(tree: Mapping[str, Mapping[str, Sequence[Dataset]]]) -> list[Dataset]:
    """Items of the Hierarchical SOP Instance Reference macro (PS3.3 C.17.2.1)."""
    found = []
    for study_uid, series_of in tree.items():
        study = Dataset()
        study.StudyInstanceUID = study_uid
        study.ReferencedSeriesSequence = []
        for series_uid, instances in series_of.items():
            series = Dataset()
            series.SeriesInstanceUID = series_uid
            series.ReferencedSOPSequence = [_reference(instance) for instance in instances]
            study.ReferencedSeriesSequence.append(series)
        found.append(study)
    return found


def _reference(instance: Dataset) -> Dataset:
    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = instance.SOPClassUID, instance.SOPInstanceUID
    return found
