"""Words what is asked to stand on a picture beside its label: of the patient, and of the technique (PS3.18 8.3.5.1.1)."""

from collections.abc import Collection, Sequence

from overlays.dicom.tags import tag_of
from overlays.models import OverlayVersion, SourceInstance

PATIENT, TECHNIQUE = "patient", "technique"
NOTES: dict[str, tuple[tuple[str, str], ...]] = {
    PATIENT: (("PatientName", ""), ("PatientID", ""), ("PatientBirthDate", "born "), ("PatientSex", "")),
    TECHNIQUE: (
        ("Modality", ""),
        ("StudyDate", "study of "),
        ("SeriesNumber", "series "),
        ("InstanceNumber", "instance "),
        ("SliceThickness", "thickness "),
        ("KVP", "kV "),
        ("ImagePositionPatient", "position "),
    ),
}
"""What is told of each, with the word before it; what an object does not say is left out."""
LONGEST = 64


def notes_on(sop_instance_uid: str, wanted: Collection[str]) -> str:
    """What the stored object says itself of what is asked for; empty where that is nothing."""
    if not wanted:
        return ""
    stored = next(
        (
            found
            for model in (SourceInstance, OverlayVersion)
            if (found := model.objects.filter(sop_instance_uid=sop_instance_uid).values_list("attributes").first())
        ),
        ({},),
    )[0]
    told = [(word, _text(stored, keyword)) for name in NOTES if name in wanted for keyword, word in NOTES[name]]
    return " · ".join(f"{word}{text}" for word, text in told if text)


def _text(stored: dict, keyword: str) -> str:
    values: Sequence = stored.get(f"{tag_of(keyword):08X}", {}).get("Value") or ()
    return " ".join(map(_plain, values))[:LONGEST].strip()


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(filter(None, str(next(iter(value.values()), "")).split("^")))
    return f"{value:g}" if isinstance(value, float) else str(value if value is not None else "")
