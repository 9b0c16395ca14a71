"""OHIF with the registry's extension: nothing derived is drawn unasked or unlabelled, and what is withdrawn leaves the screen."""

import time
from collections.abc import Iterator

import pytest
from pydicom import Dataset

from tests.builders import ct_series, report, segmentation
from tests.journeys.gate_scene import Scene, a_segmentation, accepted, signed_in, waiting
from tests.journeys.ohif import Seat, chromium, registry_with_ohif, screenshot_folder
from tests.journeys.steps import TIMEOUT, release_model

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.real]

MAKER = "ACME AI"
LABEL, WARNING = "#registry-gate .rg-label", "#registry-gate .rg-warning"
REVOKED_SECONDS = 5.0
"""How long after the registry knows, an overlay may still be on a screen."""

DECISION_SECONDS = 8
"""Short, so that a decision ends, and is renewed, within a test."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One registry and one browser for all of it."""
    folder = tmp_path_factory.mktemp("gate")
    pictures = screenshot_folder(folder / "pictures")
    settings = {"DECISION_SECONDS": str(DECISION_SECONDS), "TOKEN_SECONDS": "3600"}
    with registry_with_ohif(folder, settings=settings) as server, chromium() as browser:
        steward = server.session(server.person_token("sam"))
        release_model(steward, server, name="LiverSeg", version="2.1.0", manufacturer=MAKER)
        yield Scene(
            server=server,
            pipeline=server.session(server.client_token()),
            steward=steward,
            reader=server.session(server.person_token("robin")),
            desk=signed_in(server, "robin"),
            seats={who: Seat(browser, server, who, pictures=pictures) for who in ("clara", "robin")},
        )


@pytest.fixture
def clinician(scene: Scene) -> Iterator[Seat]:
    """The clinician, with a page of her own."""
    yield scene.seats["clara"].sit()
    scene.seats["clara"].rise()


@pytest.fixture
def reader(scene: Scene) -> Iterator[Seat]:
    """The radiologist, with a page of his own."""
    yield scene.seats["robin"].sit()
    scene.seats["robin"].rise()


def show(seat: Seat, overlay: Dataset, *, source: str = "") -> None:
    """Open the study and the overlay, and wait until both overlay and label are drawn."""
    seat.open(overlay.StudyInstanceUID, source)
    seat.choose(overlay.SeriesDescription)
    seat.wait_for_colour()
    seat.page.wait_for_selector(LABEL)


def refused(seat: Seat, overlay: Dataset) -> tuple[float, int, str]:
    """Open the overlay of an open study; the colour, the labels and the message that are then seen."""
    seat.choose(overlay.SeriesDescription)
    seat.page.get_by_text("AI overlay withheld").first.wait_for()
    seat.page.wait_for_function("() => !services.segmentationService.getSegmentations().length")
    message = seat.page.locator("body").inner_text().partition("AI overlay withheld")[2]
    seat.wait_for_images()
    return seat.coloured_share(), seat.page.locator(LABEL).count(), message


def seconds_until_gone(seat: Seat, since: float) -> float:
    """Wait until neither overlay nor label is on the screen, and the images are; seconds since the moment."""
    seat.page.wait_for_function(
        f"() => !document.querySelector('{LABEL}') && !services.segmentationService.getSegmentations().length",
        polling=100,
    )
    seconds = time.monotonic() - since
    seat.wait_for_images()
    assert seat.coloured_share() == 0
    return seconds


def test_what_may_be_shown_is_labelled(scene, clinician) -> None:
    overlay = accepted(scene, "shown")
    show(clinician, overlay)
    clinician.photograph("gate-shown")
    assert clinician.page.inner_text(LABEL).startswith("AI · LiverSeg 2.1.0 · accepted by Robin Lee, ")


def test_what_is_shown_with_reserve_bears_its_warning(scene, clinician) -> None:
    overlay = accepted(scene, "warned")
    scene.store(a_segmentation("warned", "second", shift=1)[1])
    show(clinician, overlay)
    clinician.photograph("gate-warned")
    assert clinician.page.inner_text(WARNING) == "Warning: A newer version of it waits for review."


def test_what_is_rejected_between_listing_and_opening_is_not_drawn_and_the_reason_is_said(scene, clinician) -> None:
    overlay = accepted(scene, "meanwhile")
    clinician.open(overlay.StudyInstanceUID)
    scene.judge(overlay, "reject", reason="BOUNDARY")
    coloured, labels, message = refused(clinician, overlay)
    assert (coloured, labels) == (0, 0)
    assert "Rejected by Robin Lee on " in message


def test_a_registry_that_cannot_decide_permits_nothing(scene, clinician) -> None:
    overlay = accepted(scene, "undecided")
    fault = {"status": 503, "content_type": "application/problem+json", "body": '{"detail": "Out of order."}'}
    clinician.page.route("**/render-decisions*", lambda route: route.fulfill(**fault))
    clinician.open(overlay.StudyInstanceUID)
    coloured, labels, message = refused(clinician, overlay)
    assert (coloured, labels) == (0, 0)
    assert "Out of order." in message


@pytest.mark.parametrize("how", ["rejected in the admin", "model recalled"])
def test_what_is_withdrawn_leaves_the_screen_within_five_seconds(how, scene, clinician, record_property) -> None:
    version = f"9.{len(how)}"
    released = release_model(scene.steward, scene.server, name=f"Seg {version}", version=version, manufacturer=MAKER)
    overlay = accepted(scene, how, model_name=f"Seg {version}", model_version=version)
    show(clinician, overlay)
    clinician.page.wait_for_event("response", lambda answer: "/changes" in answer.url and "after=" in answer.url)
    if how == "rejected in the admin":
        scene.reject_in_the_admin(overlay)
    else:
        scene.recall(released)
    delay = seconds_until_gone(clinician, time.monotonic())
    print(f"{how}: off the screen after {delay:.2f} s")
    record_property("seconds", round(delay, 2))
    clinician.photograph(f"gate-{how.split()[0]}")
    assert delay < REVOKED_SECONDS


def test_a_decision_that_cannot_be_renewed_ends(scene, clinician) -> None:
    overlay = accepted(scene, "ended")
    show(clinician, overlay)
    shown = time.monotonic()
    clinician.page.route("**/api/v1/**", lambda route: route.abort())
    assert seconds_until_gone(clinician, shown) < DECISION_SECONDS + REVOKED_SECONDS


def test_a_reader_rejects_where_the_overlay_is_seen_and_it_is_gone(scene, reader) -> None:
    overlay = accepted(scene, "judged")
    show(reader, overlay)
    reader.page.get_by_role("button", name="Reject", exact=True).click()
    reader.photograph("gate-rejecting")
    reader.page.get_by_label("Reason").select_option("BOUNDARY")
    reader.page.get_by_role("button", name="Reject version 1").click()
    seconds_until_gone(reader, time.monotonic())
    assert scene.state(overlay) == "rejected"


def test_a_reader_accepts_what_waits_and_the_label_says_so(scene, reader) -> None:
    overlay = waiting(scene, "accepted")
    show(reader, overlay, source="review")
    reader.page.get_by_role("button", name="Accept", exact=True).click()
    reader.page.get_by_role("button", name="Accept version 1").click()
    reader.page.locator(LABEL).get_by_text("accepted by Robin Lee").wait_for()
    assert scene.state(overlay) == "accepted"


def test_a_verdict_on_what_is_judged_meanwhile_is_refused_in_the_registrys_words(scene, reader) -> None:
    overlay = waiting(scene, "overtaken")
    show(reader, overlay, source="review")

    def overtake(route) -> None:
        scene.judge(overlay, "accept")
        route.continue_()

    reader.page.route("**/reviews", overtake)
    reader.page.get_by_role("button", name="Reject", exact=True).click()
    reader.page.get_by_label("Reason").select_option("BOUNDARY")
    reader.page.get_by_role("button", name="Reject version 1").click()
    reader.page.get_by_text("meanwhile it is accepted. Look at it again.").first.wait_for()
    assert scene.state(overlay) == "accepted"


def test_displays_are_recorded_once_for_each_opening(scene, clinician) -> None:
    overlay = accepted(scene, "recorded")
    show(clinician, overlay)
    clinician.page.locator("[data-cy=yes-hydrate-btn]").click()
    recorded = _displays(scene, overlay)
    clinician.page.wait_for_timeout(2000)
    assert (len(recorded), _displays(scene, overlay)) == (1, recorded)


def _displays(scene: Scene, overlay: Dataset) -> list[dict]:
    auditor = scene.server.session(scene.server.person_token("odette"))
    for _ in range(50):
        asked = {"event": "display:recorded", "study": overlay.StudyInstanceUID}
        entries = auditor.get(f"{scene.server.origin}/api/v1/audit/entries", params=asked, timeout=TIMEOUT).json()
        if entries["entries"]:
            break
        time.sleep(0.1)
    return [each["data"] for each in entries["entries"] if overlay.SOPInstanceUID in each["data"]["instances"]]


MARKS = """() => cornerstoneTools.annotation.state.getAllAnnotations()
  .filter(each => each.metadata.toolName === 'DICOMSRDisplay').map(each => each.annotationUID)"""


def test_a_report_is_labelled_and_leaves_the_screen_too(scene, clinician) -> None:
    images = ct_series(uid_seed="gate report", patient_id="GATE-report")
    marks = report(sources=images, about=segmentation(sources=images), uid_seed="gate report marks", with_volume=False)
    marks.SeriesDescription = "Overlay report"
    scene.store(*images, marks)
    scene.judge(marks, "accept")
    clinician.open(marks.StudyInstanceUID)
    clinician.choose(marks.SeriesDescription)
    clinician.page.wait_for_selector(LABEL)
    assert clinician.page.evaluate(MARKS)
    clinician.photograph("gate-report")
    scene.judge(marks, "reject", reason="BOUNDARY")
    clinician.page.wait_for_selector(LABEL, state="detached")
    clinician.wait_for_images()
    assert clinician.page.evaluate(MARKS) == []
    assert [each["modality"] for each in clinician.display_sets()] == ["CT"]


BROKEN: dict[str, tuple[str, str]] = {
    "the extension throws": (
        "registry-gate.js",
        "export default { id: 'registry-gate', preRegistration() { throw new Error('broken'); } };",
    ),
    "a part of it throws": ("gate.js", "export class Gate { constructor() { throw new Error('broken'); } }"),
}


def without(clinician: Seat, which: str) -> None:
    """Let a file of the extension be a broken one."""
    name, script = BROKEN[which]
    clinician.page.route(
        f"**/ext/{name}", lambda route: route.fulfill(status=200, content_type="text/javascript", body=script)
    )


def test_without_the_extension_the_registry_still_withholds(scene, clinician) -> None:
    overlay = waiting(scene, "pending")
    without(clinician, "the extension throws")
    clinician.open(overlay.StudyInstanceUID)
    assert clinician.offered("SEG") == []
    assert 200 not in clinician.statuses(overlay.SOPInstanceUID).values()


def test_an_extension_that_cannot_begin_refuses_everything(scene, clinician) -> None:
    overlay = accepted(scene, "unguarded")
    without(clinician, "a part of it throws")
    clinician.open(overlay.StudyInstanceUID)
    clinician.page.wait_for_function("() => services.displaySetService.getActiveDisplaySets().length === 1")
    assert clinician.offered("SEG") == []
