"""Builds key object selections."""

import hashlib
import warnings
from collections.abc import Sequence

import highdicom as hd
import pydicom
from highdicom import sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from tests.builders.captures import contribution, settle
from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import segmentation
from tests.builders.uids import uid

TITLES = {"OF_INTEREST": codes.DCM.OfInterest, "REJECTED": codes.DCM.RejectedForQualityReasons}
_CACHE: dict[tuple, bytes] = {}


def key_objects(
    *,
    selected: Sequence[Dataset] | None = None,
    title: str = "OF_INTEREST",
    description: str = "Largest lesion",
    uid_seed: str = "key objects",
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
) -> pydicom.FileDataset:
    """A selection (TID 2010) of ``selected``: two images of ``ct_series()`` and a segmentation of it when not given.

    ``title`` is OF_INTEREST, or REJECTED for the rejection note of IHE IOCM.
    """
    objects = list(selected) if selected is not None else [*ct_series()[:2], segmentation()]
    digest = hashlib.sha256(b"".join(to_bytes(one) for one in objects)).hexdigest()
    key = (digest, title, description, uid_seed, model_name, model_version, manufacturer)
    if key not in _CACHE:
        _CACHE[key] = _build(objects, title, description, uid_seed, model_name, model_version, manufacturer)
    return from_bytes(_CACHE[key])


def _build(
    objects: list[Dataset],
    title: str,
    description: str,
    seed: str,
    model_name: str,
    model_version: str,
    manufacturer: str,
) -> bytes:
    machine = sr.ObserverContext(
        codes.DCM.Device,
        sr.DeviceObserverIdentifyingAttributes(
            uid=uid(seed, "device"), name=model_name, manufacturer_name=manufacturer, model_name=model_name
        ),
    )
    content = hd.ko.KeyObjectSelection(
        document_title=TITLES[title],
        referenced_objects=objects,
        observer_device_context=machine,
        description=description,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = hd.ko.KeyObjectSelectionDocument(
            evidence=objects,
            content=content,
            series_instance_uid=uid(seed, "series"),
            series_number=130,
            sop_instance_uid=uid(seed, "instance"),
            instance_number=1,
            manufacturer=manufacturer,
            manufacturer_model_name=model_name,
            software_versions=model_version,
            series_description=f"{model_name} {model_version}",
            specific_character_set="ISO_IR 192",
            contributing_equipment=[contribution(manufacturer, model_name, model_version)],
        )
    settle(built)
    del built.Laterality
    return to_bytes(built)
