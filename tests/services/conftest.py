"""Objects that tests of the services post."""

from collections.abc import Callable
from uuid import UUID

import pytest

from overlays.models import OverlayVersion
from tests.builders import ct_series, segmentation, to_bytes


@pytest.fixture
def sources(post) -> list:
    """A CT series that the registry holds."""
    series = ct_series()
    for image in series:
        assert post(to_bytes(image)).refusal is None
    return series


@pytest.fixture
def posted(post, registered, sources) -> Callable[..., OverlayVersion]:
    """Posts a segmentation of the held series by an approved model version; each ``seed`` is another instance of one line."""
    registered()

    def store(seed: str = "first", request: UUID | None = None, **options) -> OverlayVersion:
        data = segmentation(sources=sources, uid_seed=seed, **options)
        found = post(to_bytes(data), request=request)
        assert found.refusal is None, found.findings
        return OverlayVersion.objects.get(sop_instance_uid=data.SOPInstanceUID)

    return store
