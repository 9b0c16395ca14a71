"""Words what a search found as DICOM JSON (PS3.18 10.6.3, Annex F)."""

from overlays.dicomweb.json_answer import Locate
from overlays.dicomweb.search_parameters import Parameters
from overlays.models import OverlayVersion, Series, SourceInstance, Study
from overlays.queries.dicomweb_attributes import ATTRIBUTES, Level
from overlays.queries.dicomweb_search import Counts, Page

Element = dict[str, dict]

_ALWAYS = frozenset({"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "Modality"})
_ON_REQUEST = frozenset({"IssuerOfPatientID", "SeriesDate", "SeriesTime", "BodyPartExamined"})
"""Optional in PS3.18 Tables 10.6.3-3 and 10.6.3-4: answered when asked for."""
_OF_INSTANCES = frozenset({"00280010", "00280011", "00280100", "00280008"})
"""Rows, Columns, Bits Allocated, Number of Frames (PS3.18 Table 10.6.3-5)."""
_STORED = {level: tuple(row for row in ATTRIBUTES if row.level is level and row.field) for level in Level}
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def study_answer(study: Study, page: Page, wanted: Parameters, locate: Locate) -> Element:
    """A study, with its visible series, instances and modalities counted."""
    counts = page.of_studies[study.pk]
    address = locate(study=study.study_instance_uid)
    found = _of(_study_values(study, page), Level.STUDY, wanted, whole=True)
    return _sorted(found | _of_counts(counts) | _availability(address))


def series_answer(series: Series, page: Page, wanted: Parameters, locate: Locate, *, with_study: bool) -> Element:
    """A series, with its visible instances counted; with its study where the address names none."""
    study, counts = series.study, page.of_series[series.pk]
    found = _of(_study_values(study, page), Level.STUDY, wanted, whole=with_study)
    if with_study:
        found |= _of_counts(page.of_studies[study.pk])
    by_row = counts.sources > 0
    values = _row_values(series, Level.SERIES) if by_row else _own_values(page.own[counts.told_by], Level.SERIES)
    found |= _of(values, Level.SERIES, wanted, whole=True)
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
    of_source = isinstance(instance, SourceInstance)
    of_study = _row_values(study, Level.STUDY) if study.has_sources else _own_values(stored, Level.STUDY)
    of_series = _row_values(series, Level.SERIES) if of_source else _own_values(stored, Level.SERIES)
    found |= _of(of_study, Level.STUDY, wanted, whole=with_study)
    found |= _of(of_series, Level.SERIES, wanted, whole=with_series)
    found |= _of(_row_values(instance, Level.INSTANCE), Level.INSTANCE, wanted, whole=True)
    found["00083002"] = _element("UI", instance.transfer_syntax_uid)
    address = locate(
        study=study.study_instance_uid, series=series.series_instance_uid, instance=instance.sop_instance_uid
    )
    return _sorted(found | _availability(address))


def _study_values(study: Study, page: Page) -> Element:
    counts = page.of_studies[study.pk]
    return _row_values(study, Level.STUDY) if counts.sources else _own_values(page.own[counts.told_by], Level.STUDY)


def _row_values(row: object, level: Level) -> Element:
    """What the registry's table says of the level; trustworthy where sources filled it."""
    return {attribute.tag: _element(attribute.vr, getattr(row, attribute.field)) for attribute in _STORED[level]}


def _own_values(stored: Element, level: Level) -> Element:
    """What one object says of the level: without sources, all that may be told is what something visible says itself."""
    return {attribute.tag: stored.get(attribute.tag, {"vr": attribute.vr}) for attribute in _STORED[level]}


def _of(values: Element, level: Level, wanted: Parameters, *, whole: bool) -> Element:
    """The attributes of a level: the usual ones if ``whole``, and those that the client asked for."""
    found = {}
    for attribute in _STORED[level]:
        asked = wanted.every_field or attribute.tag in wanted.fields
        usual = attribute.keyword in _ALWAYS or (whole and attribute.keyword not in _ON_REQUEST)
        if asked or usual:
            found[attribute.tag] = values[attribute.tag]
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
