"""People look at studies in OHIF, where an archive keeps the images and copies of every result."""

from collections.abc import Iterator

import pytest

from tests.benchmarks.orthanc import PLUGIN, running_orthanc
from tests.journeys.ohif_house import House, furnished
from tests.journeys.ohif_stories import FirstLook, Rejection, first_look, rejection
from tests.real_parts import require, require_file

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One archive, one registry in front of it, and one browser for all of it."""
    require("Orthanc")
    require_file(PLUGIN, "Orthanc's DICOMweb plugin")
    with (
        running_orthanc(tmp_path_factory.mktemp("orthanc")) as archive,
        furnished(tmp_path_factory.mktemp("ohif"), archive=archive) as house,
    ):
        yield house


@pytest.fixture(scope="module")
def looked(house: House) -> Iterator[FirstLook]:
    yield first_look(house, "Eighth", "first-look-archive")
    house.rise()


def test_the_accepted_overlay_alone_is_offered(looked: FirstLook):
    assert looked.offered == [looked.accepted]


def test_the_accepted_overlay_is_drawn_over_the_archives_images(looked: FirstLook):
    assert (looked.coloured_before, looked.coloured > 0.005) == (0, True)
    assert set(looked.of_accepted.values()) == {200}


def test_nothing_that_waits_or_lies_in_the_archive_unregistered_reaches_the_browser(looked: FirstLook):
    assert 200 not in looked.of_others.values()


@pytest.fixture(scope="module")
def rejected(house: House) -> Iterator[Rejection]:
    yield rejection(house, "Ninth", "rejection-archive")
    house.rise()


def test_a_rejected_overlay_is_gone_when_the_page_is_loaded_anew(rejected: Rejection):
    assert (rejected.offered_before, rejected.offered) == ([rejected.overlay], [])
    assert (rejected.coloured_before > 0.005, rejected.coloured) == (True, 0)


def test_every_address_of_a_rejected_overlay_says_that_there_is_none(rejected: Rejection):
    assert set(rejected.statuses_before.values()) == {200}
    assert rejected.statuses == dict.fromkeys(rejected.statuses_before, 404)


def test_no_list_and_no_metadata_names_a_rejected_overlay(rejected: Rejection):
    assert "00080018" in rejected.told
    assert rejected.overlay not in rejected.told
