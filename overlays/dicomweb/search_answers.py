"""Words what a search found as DICOM JSON (PS3.18 10.6.3, Annex F)."""

from overlays.dicomweb.json_answer import Locate
from overlays.dicomweb.search_parameters import Parameters
from overlays.models import OverlayVersion, Series, SourceInstance, Study
from overlays.queries.dicomweb_attributes import ATTRIBUTES, Level, Matching
from overlays.queries.dicomweb_search import Counts

Element = dict[str, dict]

_ALWAYS = frozenset({"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "Modality"})
_ON_REQUEST = frozenset({"IssuerOfPatientID", "SeriesDate", "SeriesTime", "BodyPartExamined"})
"""Optional in PS3.18 Tables 10.6.3-3 and 10.6.3-4: answered when asked for."""
_OF_INSTANCES = frozenset({"00280010", "00280011", "00280100", "00280008"})
"""Rows, Columns, Bits Allocated, Number of Frames (PS3.18 Table 10.6.3-5)."""
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def study_answer(study: Study, counts: Counts, wanted: Parameters, locate: Locate) -> Element:
    """A study, with its visible series, instances and modalities counted."""
    address = locate(study=study.study_instance_uid)
    return _sorted(_of(study, Level.STUDY, wanted, whole=True) | _of_counts(counts) | _availability(address))


def series_answer(
    series: Series, counts: Counts, of_study: Counts | None, wanted: Parameters, locate: Locate
) -> Element:
    """A series, with its visible instances counted; with its study (``of_study``) where the address names none."""
    study = series.study
    found = _of(study, Level.STUDY, wanted, whole=of_study is not None)
    if of_study is not None:
        found |= _of_counts(of_study)
    found |= _of(series, Level.SERIES, wanted, whole=True)
    found["00201209"] = _element("IS", counts.instances)
    address = locate(study=study.study_instance_uid, series=series.series_instance_uid)
    return _sorted(found | _availability(address))


def instance_answer(
    instance: SourceInstance | OverlayVersion,
    wanted: Parameters,
    locate: Locate,
    *,
    with_study: bool,
    with_series: bool,
) -> Element:
    """An instance; with its study and series where the address does not name them."""
    series, stored = instance.series, instance.attributes
    study = series.study
    tags = set(stored) if wanted.every_field else (_OF_INSTANCES | wanted.fields) & set(stored)
    found = {tag: stored[tag] for tag in tags}
    found |= _of(study, Level.STUDY, wanted, whole=with_study) | _of(series, Level.SERIES, wanted, whole=with_series)
    found |= _of(instance, Level.INSTANCE, wanted, whole=True)
    found["00083002"] = _element("UI", instance.transfer_syntax_uid)
    address = locate(
        study=study.study_instance_uid, series=series.series_instance_uid, instance=instance.sop_instance_uid
    )
    return _sorted(found | _availability(address))


def _of(row: object, level: Level, wanted: Parameters, *, whole: bool) -> Element:
    """The attributes of a row: the usual ones if ``whole``, and those that the client asked for."""
    found = {}
    for attribute in ATTRIBUTES:
        if attribute.level is not level or attribute.matching is Matching.MODALITIES:
            continue
        asked = wanted.every_field or attribute.tag in wanted.fields
        usual = attribute.keyword in _ALWAYS or (whole and attribute.keyword not in _ON_REQUEST)
        if asked or usual:
            found[attribute.tag] = _element(attribute.vr, getattr(row, attribute.field))
    return found


def _of_counts(counts: Counts) -> Element:
    return {
        "00080061": _element("CS", *sorted(counts.modalities)),
        "00201206": _element("IS", len(counts.series)),
        "00201208": _element("IS", counts.instances),
    }


def _availability(address: str) -> Element:
    return {"00080056": _element("CS", "ONLINE"), "00081190": _element("UR", address)}


def _element(vr: str, *values: str | int | None) -> dict:
    present = [_name(value) if vr == "PN" else value for value in values if value not in ("", None)]
    return {"vr": vr, "Value": present} if present else {"vr": vr}


def _name(text: str) -> dict[str, str]:
    return {group: part for group, part in zip(_NAME_GROUPS, text.split("="), strict=False) if part}


def _sorted(found: Element) -> Element:
    """By tag, as PS3.18 F.2.2 orders the attributes of an object."""
    return dict(sorted(found.items()))
