"""A radiologist corrects an overlay in OHIF and saves it; the registry has it as a version of what it corrects."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import requests

from tests.builders import report, segmentation
from tests.journeys.ohif import Seat
from tests.journeys.ohif_house import House, furnished
from tests.journeys.steps import TIMEOUT, verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.slow]

SIDE = 10
_PAINT = """side => {
  const [segmentation] = services.segmentationService.getSegmentations();
  let painted = 0;
  for (const id of segmentation.representationData.Labelmap.imageIds) {
    const image = cornerstone.cache.getImage(id);
    for (let row = image.rows - side; row < image.rows; row++) for (let column = 0; column < side; column++) {
      image.voxelManager.setAtIndex(row * image.columns + column, 1);
      painted++;
    }
  }
  return painted; }"""
"""A corner for segment 1 on every slice, as the brush would paint it; there was none of it before."""
_SAVE = """() => { commandsManager.run({ commandName: 'storeSegmentation', context: 'CORNERSTONE', commandOptions: {
  segmentationId: services.segmentationService.getSegmentations()[0].segmentationId, modality: 'SEG' } }); }"""
"""What the menu of the segmentation panel runs."""
_SAVE_MEASUREMENTS = """() => commandsManager.runCommand('storeMeasurements', {
  measurementData: services.measurementService.getMeasurements(), additionalFindingTypes: ['ArrowAnnotate'],
  options: { SeriesDescription: 'Measured again', SeriesNumber: 3001 } }, 'CORNERSTONE_STRUCTURED_REPORT')
  .then(saved => saved.SOPInstanceUID)"""
"""What OHIF runs when its question for a report is answered with yes."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What came of an afternoon at OHIF."""

    parent: str
    child: dict
    """The version as the API tells it."""
    painted: int
    comparison: dict
    report: str
    measured: dict
    faults: list[str]
    offered: list[str]
    """SOP Instance UIDs of segmentations, when the study is opened anew."""
    clinical: dict[str, str]
    statuses: list[int]
    """Of every POST to the address that stores."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with furnished(tmp_path_factory.mktemp("saving")) as house:
        yield house


@pytest.fixture(scope="module")
def saved(house: House) -> Saved:
    """The radiologist measures and paints, saves both, and opens the study anew."""
    images = house.images("Saving")
    study = images[0].StudyInstanceUID
    before = house.overlay(segmentation(sources=images, uid_seed="Saving organs"), "AI organs", "accept")
    told = house.overlay(
        report(sources=images, kind="COMPREHENSIVE", uid_seed="Saving report", with_volume=False), "AI report"
    )
    reader = house.sit("robin")
    faults: list[str] = []
    reader.page.on("pageerror", lambda error: faults.append(str(error)))
    reader.open(study, "review")
    measured = _measure(reader.page)
    _open_segmentation(reader, "AI organs")
    painted = reader.page.evaluate(_PAINT, SIDE)
    _save(reader.page)
    reader.page.wait_for_selector("text=saved successfully")
    reader.photograph("saved-in-ohif")
    posted = [each.status for each in reader.answers if each.request.method == "POST" and "dicom-web" in each.url]
    reader.reload()
    offered = reader.offered("SEG")
    api = house.server.session(house.server.person_token("robin"))
    child = next(uid for uid in offered if uid != before.SOPInstanceUID)
    return Saved(
        parent=before.SOPInstanceUID,
        child=_told(api, house, f"versions/{child}"),
        painted=painted,
        comparison=_told(api, house, f"versions/{child}/comparisons/{before.SOPInstanceUID}"),
        report=told.SOPInstanceUID,
        measured=_told(api, house, f"versions/{measured}"),
        faults=faults,
        offered=offered,
        clinical=verdicts(api, house.server, study),
        statuses=posted,
    )


def _told(api: requests.Session, house: House, path: str) -> dict:
    answer = api.get(f"{house.server.origin}/api/v1/{path}", timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _measure(page: "Page") -> str:
    """Draw a length across the middle, and save it as a report: its SOP Instance UID."""
    tool = {"toolName": "Length", "itemId": "Length", "toolGroupIds": ["default"]}
    page.evaluate("tool => commandsManager.runCommand('setToolActiveToolbar', tool)", tool)
    box = page.locator("canvas.cornerstone-canvas").first.bounding_box()
    left, top = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 40, top + 40, steps=4)
    page.mouse.move(left + 80, top + 60, steps=4)
    page.mouse.up()
    page.wait_for_function("services.measurementService.getMeasurements().length === 1")
    return page.evaluate(_SAVE_MEASUREMENTS)


def _open_segmentation(seat: Seat, description: str) -> None:
    seat.choose(description)
    seat.page.click("[data-cy=yes-hydrate-btn]")
    seat.page.wait_for_function("services.segmentationService.getSegmentations().length > 0")
    seat.wait_for_colour()


def _save(page: "Page") -> None:
    """Answer the dialog as a person does."""
    page.evaluate(_SAVE)
    page.get_by_role("button", name="Save", exact=True).click()


def test_the_saved_segmentation_is_the_next_version_of_what_was_opened(saved: Saved):
    assert (saved.child["author"], saved.child["parent_sop_instance_uid"], saved.child["number"]) == (
        "Robin Lee",
        saved.parent,
        2,
    )


def test_its_mask_is_the_one_that_was_painted(saved: Saved):
    liver, spleen = saved.comparison["segments"]
    assert liver["after"]["voxels"] - liver["before"]["voxels"] == saved.painted > 0
    assert spleen["dice"] == 1


def test_a_measurement_is_the_next_version_of_the_report_that_was_shown(saved: Saved):
    assert (saved.measured["author"], saved.measured["parent_sop_instance_uid"]) == ("Robin Lee", saved.report)


def test_it_waits_for_review_and_clinicians_are_not_shown_it(saved: Saved):
    uid = saved.child["sop_instance_uid"]
    assert (saved.child["review_state"], saved.clinical[uid]) == ("pending", "withhold")


def test_readers_are_offered_both_versions_and_ohif_fails_at_nothing(saved: Saved):
    assert sorted(saved.offered) == sorted([saved.parent, saved.child["sop_instance_uid"]])
    assert saved.faults == []
    assert saved.statuses == [202, 202]


def test_a_clinician_who_saves_is_told_that_it_is_not_allowed(house: House, saved: Saved):
    clinician = house.sit("clara")
    clinician.open(saved.child["study_instance_uid"])
    _open_segmentation(clinician, "AI organs")
    _save(clinician.page)
    clinician.page.wait_for_selector("text=The token's scopes do not allow this.")
    clinician.photograph("refused-in-ohif")
    assert [
        status for address, status in clinician.statuses("/dicom-web/studies").items() if re.search("studies$", address)
    ] == [403]
