"""People look at studies in OHIF, where the registry keeps the images."""

from collections.abc import Iterator

import pytest

from tests.builders.reports import report
from tests.builders.segmentations import segmentation
from tests.builders.uids import uid
from tests.journeys.ohif_house import House, furnished
from tests.journeys.ohif_stories import FirstLook, Rejection, first_look, rejection

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def furnished_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One registry and one browser for all of it."""
    with furnished(tmp_path_factory.mktemp("ohif")) as house:
        yield house


@pytest.fixture
def house(furnished_house: House) -> Iterator[House]:
    """The house, in which nobody stays seated."""
    yield furnished_house
    furnished_house.rise()


@pytest.fixture(scope="module")
def looked(furnished_house: House) -> FirstLook:
    return first_look(furnished_house, "First", "first-look")


def test_who_opens_ohif_signs_in(looked: FirstLook):
    assert looked.signed_in


def test_the_accepted_overlay_alone_is_offered(looked: FirstLook):
    assert looked.offered == [looked.accepted]


def test_the_accepted_overlay_is_drawn_over_the_images(looked: FirstLook):
    assert (looked.coloured_before, looked.coloured > 0.005) == (0, True)
    assert set(looked.of_accepted.values()) == {200}


def test_nothing_of_an_overlay_that_waits_reaches_the_browser(looked: FirstLook):
    assert 200 not in looked.of_others.values()


@pytest.fixture(scope="module")
def rejected(furnished_house: House) -> Rejection:
    return rejection(furnished_house, "Second", "rejection")


def test_a_rejected_overlay_is_gone_when_the_page_is_loaded_anew(rejected: Rejection):
    assert (rejected.offered_before, rejected.offered) == ([rejected.overlay], [])
    assert (rejected.coloured_before > 0.005, rejected.coloured) == (True, 0)


def test_every_address_of_a_rejected_overlay_says_that_there_is_none(rejected: Rejection):
    assert set(rejected.statuses_before.values()) == {200}
    assert rejected.statuses == dict.fromkeys(rejected.statuses_before, 404)


def test_no_list_and_no_metadata_names_a_rejected_overlay(rejected: Rejection):
    assert "00080018" in rejected.told
    assert rejected.overlay not in rejected.told


def test_of_several_versions_in_a_series_the_permitted_one_is_drawn(house: House):
    images = house.images("Third")
    permitted, withheld = [], []
    for judged in ("reject", ""):
        label = judged.upper() or "WAITS"
        older = segmentation(sources=images, uid_seed=f"Third {label} 1", content_label=label)
        newer = segmentation(
            sources=images, uid_seed=f"Third {label} 2", content_label=label,
            series_uid=older.SeriesInstanceUID, instance_number=2, shift=8,
        )  # fmt: skip
        permitted.append(house.overlay(older, f"AI {label}", "accept").SOPInstanceUID)
        withheld.append(house.overlay(newer, f"AI {label}", judged).SOPInstanceUID)
    clinician = house.sit("clara")
    clinician.open(images[0].StudyInstanceUID)
    clinician.wait_for_series()
    assert sorted(clinician.offered("SEG")) == sorted(permitted)
    clinician.choose("AI WAITS")
    clinician.wait_for_colour()
    clinician.photograph("versions-in-one-series")
    assert not [address for instance in withheld for address in clinician.statuses(instance)]


def test_measurements_of_an_accepted_report_are_drawn(house: House):
    images = house.images("Fourth")
    told = report(sources=images, kind="COMPREHENSIVE", uid_seed="Fourth report", with_volume=False)
    house.overlay(told, "AI report", "accept")
    clinician = house.sit("clara")
    clinician.open(images[0].StudyInstanceUID)
    clinician.wait_for_series()
    assert clinician.offered("SR") == [told.SOPInstanceUID]
    clinician.choose("AI report")
    clinician.page.wait_for_selector(f'svg [data-annotation-uid="{uid("Fourth report", "region")}"]')
    clinician.photograph("report-drawn")


def test_a_report_that_waits_is_not_told_even_beside_an_accepted_one_of_its_series(house: House):
    images = house.images("Fifth")
    accepted, waits = (
        report(sources=images, kind="COMPREHENSIVE", uid_seed=f"Fifth {number}", with_volume=False) for number in "12"
    )
    waits.SeriesInstanceUID, waits.InstanceNumber = accepted.SeriesInstanceUID, 2
    house.overlay(accepted, "AI report", "accept")
    house.overlay(waits, "AI report")
    clinician = house.sit("clara")
    clinician.open(images[0].StudyInstanceUID)
    clinician.wait_for_series()
    clinician.photograph("report-that-waits")
    assert clinician.offered("SR") == [accepted.SOPInstanceUID]
    assert uid("Fifth 1", "region") in clinician.told()
    assert not [text for text in (waits.SOPInstanceUID, uid("Fifth 2", "region")) if text in clinician.told()]


def test_a_reviewer_is_offered_what_waits(house: House):
    images = house.images("Sixth")
    waits = house.overlay(segmentation(sources=images, uid_seed="Sixth waits"), "AI waits")
    radiologist = house.sit("robin")
    radiologist.open(images[0].StudyInstanceUID, "review")
    radiologist.wait_for_series()
    assert radiologist.offered("SEG") == [waits.SOPInstanceUID]
    radiologist.choose("AI waits")
    radiologist.wait_for_colour()
    radiologist.photograph("review")


def test_a_clinician_is_refused_the_review_of_a_study(house: House):
    images = house.images("Seventh")
    clinician = house.sit("clara")
    refusal = "[data-cy=study-not-found-message]"
    clinician.visit(clinician.address(images[0].StudyInstanceUID, "review"), shows=refusal)
    clinician.photograph("review-refused")
    assert set(clinician.statuses("/review/dicom-web/").values()) == {403}
