"""Tells the two stories that people live through in OHIF wherever the images are kept."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from tests.builders.segmentations import segmentation
from tests.journeys.ohif import PHONE, WIDE, Seat
from tests.journeys.ohif_house import House


@dataclass(frozen=True)
class FirstLook:
    """What a clinician met who signed in, and opened a study from the study list."""

    accepted: str
    signed_in: bool
    offered: list[str]
    coloured_before: float
    coloured: float
    of_accepted: dict[str, int]
    of_others: dict[str, int]
    """Status by address: of the accepted overlay, and of all others of the study."""


def first_look(house: House, seed: str, name: str) -> FirstLook:
    """A study with an accepted overlay, one that waits, and, before an archive, one that nobody registered."""
    images = house.images(seed)
    accepted = house.overlay(segmentation(sources=images, uid_seed=f"{seed} accepted"), "AI accepted", "accept")
    others = [house.overlay(segmentation(sources=images, uid_seed=f"{seed} waits", content_label="OTHER"), "AI waits")]
    if house.has_archive:
        others.append(segmentation(sources=images, uid_seed=f"{seed} unregistered", content_label="THIRD"))
        house.archive(others[-1])
    clinician = house.sit("clara", anew=True)
    signed_in = clinician.visit(f"{clinician.origin}/", shows=f"text='{seed}, Journey'")
    clinician.photograph(f"{name}-1-study-list")
    clinician.open_from_the_list(f"{seed}, Journey")
    clinician.wait_for_series()
    before = clinician.coloured_share()
    offered = clinician.offered("SEG")
    clinician.choose("AI accepted")
    clinician.wait_for_colour()
    coloured = clinician.coloured_share()
    clinician.photograph(f"{name}-2-accepted-drawn", WIDE)
    clinician.photograph(f"{name}-3-on-a-phone", PHONE)
    return FirstLook(
        accepted=accepted.SOPInstanceUID,
        signed_in=signed_in,
        offered=offered,
        coloured_before=before,
        coloured=coloured,
        of_accepted=clinician.statuses(f"/instances/{accepted.SOPInstanceUID}"),
        of_others={
            address: status
            for other in others
            for uid in (other.SOPInstanceUID, other.SeriesInstanceUID)
            for address, status in clinician.statuses(uid).items()
        },
    )


@dataclass(frozen=True)
class Rejection:
    """What a clinician met before and after a radiologist rejected the overlay on her screen."""

    overlay: str
    offered_before: list[str]
    coloured_before: float
    statuses_before: dict[str, int]
    offered: list[str]
    coloured: float
    statuses: dict[str, int]
    """Status by address, at which the overlay could be had."""
    told: str
    """What every list and every metadata said that she was given after it."""


def rejection(house: House, seed: str, name: str) -> Rejection:
    """An accepted overlay is drawn for the clinician, the radiologist rejects it in the admin, the clinician loads the page anew."""
    images = house.images(seed)
    overlay = house.overlay(segmentation(sources=images, uid_seed=f"{seed} overlay"), "AI result", "accept")
    clinician = house.sit("clara")
    clinician.open(images[0].StudyInstanceUID)
    clinician.choose("AI result")
    clinician.wait_for_colour()
    clinician.photograph(f"{name}-1-before")
    before = clinician.offered("SEG"), clinician.coloured_share(), _ask(clinician, overlay)
    house.reject_in_the_admin(overlay)
    clinician.reload()
    clinician.wait_for_series()
    clinician.photograph(f"{name}-2-after")
    return Rejection(
        overlay.SOPInstanceUID,
        *before,
        offered=clinician.offered("SEG"),
        coloured=clinician.coloured_share(),
        statuses=_ask(clinician, overlay),
        told=clinician.told() + clinician.told_at(_lists(clinician, overlay)),
    )


def _ask(clinician: Seat, overlay: Dataset) -> dict[str, int]:
    """Ask, in the browser and with its token, for every address at which the overlay, alone in its series, can be had."""
    series = f"{_study(clinician, overlay)}/series/{overlay.SeriesInstanceUID}"
    instance = f"{series}/instances/{overlay.SOPInstanceUID}"
    frame = f"{instance}/frames/1"
    return clinician.ask(
        [
            *(series, f"{series}/metadata", f"{series}/thumbnail"),
            *(instance, f"{instance}/metadata", f"{instance}/bulkdata/7FE00010"),
            *(f"{instance}/rendered", f"{instance}/thumbnail"),
            *(frame, f"{frame}/rendered", f"{frame}/thumbnail"),
        ]
    )


def _lists(clinician: Seat, overlay: Dataset) -> list[str]:
    study = _study(clinician, overlay)
    return [
        f"{study}/metadata",
        *(f"{study}/series", f"{study}/instances", f"{study}/series/{overlay.SeriesInstanceUID}/instances"),
        f"{clinician.origin}/dicom-web/series?SeriesInstanceUID={overlay.SeriesInstanceUID}",
        f"{clinician.origin}/dicom-web/instances?SOPInstanceUID={overlay.SOPInstanceUID}",
    ]


def _study(clinician: Seat, overlay: Dataset) -> str:
    return f"{clinician.origin}/dicom-web/studies/{overlay.StudyInstanceUID}"
