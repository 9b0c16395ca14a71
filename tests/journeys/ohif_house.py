"""Furnishes a registry that serves OHIF, with people in front of it and a desk from which small studies come."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from pydicom.dataset import Dataset

from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.journeys.ohif import Seat, chromium, registry_with_ohif, screenshot_folder
from tests.journeys.server import Server
from tests.journeys.steps import TIMEOUT, release_model, stow

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SLICES, SIDE = 10, 128
WINDOW = 1000, 640
"""Width and height in pixels: all of it is drawn by the processor."""


class House:
    """A registry that serves OHIF, before an archive where one is given (its origin, an Orthanc).

    Tokens are fetched for every deed, for they live shorter than a module may take.
    """

    def __init__(self, server: Server, browser: "Browser", pictures: Path, archive: str = "") -> None:
        self.server, self._browser, self._pictures, self._archive = server, browser, pictures, archive
        self._seats: dict[str, Seat] = {}

    @property
    def has_archive(self) -> bool:
        """Whether images are kept in an archive."""
        return bool(self._archive)

    def sit(self, person: str, *, anew: bool = False) -> Seat:
        """The person with a new page, signed in where the person was here before, unless ``anew``."""
        seat = self._seats.get(person)
        if seat is None or anew:
            self._leave(person)
            seat = self._seats[person] = Seat(self._browser, self.server, person, pictures=self._pictures, size=WINDOW)
        return seat.sit()

    def rise(self) -> None:
        """Close every page."""
        for seat in self._seats.values():
            seat.rise()

    def _leave(self, person: str) -> None:
        if person in self._seats:
            self._seats.pop(person).leave()

    def images(self, seed: str) -> list[Dataset]:
        """Bring an axial CT to where images are kept; each seed is a study and a patient of its own."""
        images = ct_series(
            uid_seed=seed, slices=SLICES, rows=SIDE, columns=SIDE, patient_id=seed, patient_name=f"{seed}^Journey"
        )
        for image in images:
            image.WindowCenter, image.WindowWidth = -850, 500
        if self._archive:
            self.archive(*images)
        else:
            self._post(images)
        return images

    def overlay(self, overlay: Dataset, description: str, judged: str = "") -> Dataset:
        """Post a result under a Series Description, and accept or reject it; an archive gets a copy, as archives do."""
        overlay.SeriesDescription = description
        self._post([overlay])
        if self._archive:
            self.archive(overlay)
        if judged:
            self.judge(overlay, judged)
        return overlay

    def archive(self, *data_sets: Dataset) -> None:
        """Put them into the archive, behind the registry's back."""
        for data_set in data_sets:
            answer = requests.post(f"{self._archive}/instances", data=to_bytes(data_set), timeout=TIMEOUT)
            answer.raise_for_status()

    def judge(self, overlay: Dataset, decision: str) -> None:
        """Accept or reject it, as a program of the radiologist does."""
        body = {"decision": decision, "seen_sha256": hashlib.sha256(to_bytes(overlay)).hexdigest()}
        if decision == "reject":
            body["reason"] = "BOUNDARY"
        radiologist = self.server.session(self.server.person_token("robin"))
        address = f"{self.server.origin}/api/v1/versions/{overlay.SOPInstanceUID}/reviews"
        answer = radiologist.post(address, json=body, timeout=TIMEOUT)
        assert answer.status_code == 201, answer.text

    def reject_in_the_admin(self, overlay: Dataset) -> None:
        """Reject it as radiologists do: found in the worklist, looked at, rejected by keys and a form."""
        radiologist = self.sit("robin")
        worklist = f"{self.server.origin}/admin/overlays/overlayversion/?state=all&q={overlay.SOPInstanceUID}"
        radiologist.visit(worklist, shows="#result_list")
        radiologist.page.click(f"#result_list >> text={overlay.PatientName.family_name}")
        radiologist.page.wait_for_selector("#stage[data-shown]")
        radiologist.page.keyboard.press("r")
        radiologist.page.select_option("#reject-reason", "BOUNDARY")
        radiologist.page.click("text=Reject version 1")
        radiologist.page.wait_for_selector("text=Version 1 is rejected.")
        radiologist.rise()

    def _post(self, data_sets: Sequence[Dataset]) -> None:
        pipeline = self.server.session(self.server.client_token())
        answer = stow(pipeline, self.server, *map(to_bytes, data_sets))
        assert answer.status_code == 200, answer.text


@contextmanager
def furnished(folder: Path, *, archive: str = "", settings: dict[str, str] | None = None) -> Iterator[House]:
    """A house whose model is approved; ``archive`` is the origin of an Orthanc, ``settings`` are more of the registry's."""
    if archive:
        settings = {"SOURCE_STORE": "archive", "SOURCE_DICOMWEB_URL": f"{archive}/dicom-web"} | (settings or {})
    with chromium() as browser, registry_with_ohif(folder, settings=settings) as server:
        steward = server.session(server.person_token("sam"))
        release_model(steward, server, name="LiverSeg", version="2.1.0", manufacturer="ACME AI")
        yield House(server, browser, screenshot_folder(folder / "screenshots"), archive)
