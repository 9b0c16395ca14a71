"""Signs people in by role, and stores what their pages show."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pydicom.dataset import Dataset

from overlays.governance.permissions import GROUP_OF_SCOPE, Scope
from overlays.models import OverlayVersion
from tests.builders import ct_series, segmentation, to_bytes

Post = Callable[..., object]
SignedIn = Callable[..., Client]


@pytest.fixture
def signed_in(db) -> SignedIn:
    """A client signed in as a member of staff with these scopes, by groups alone."""

    def sign_in(*scopes: Scope, staff: bool = True, superuser: bool = False) -> Client:
        name = "-".join(sorted(scope.value for scope in scopes)) or ("root" if superuser else "nobody")
        user, _ = User.objects.get_or_create(
            username=f"{name}-{staff}",
            defaults={"is_staff": staff, "is_superuser": superuser, "first_name": "R.", "last_name": "Lee"},
        )
        user.groups.set(Group.objects.get_or_create(name=GROUP_OF_SCOPE[scope])[0] for scope in scopes)
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def reader(signed_in: SignedIn) -> Client:
    """A radiologist's browser."""
    return signed_in(Scope.REVIEW)


@pytest.fixture
def images(post: Post) -> list[Dataset]:
    """Four stored CT images."""
    series = ct_series()
    for image in series:
        post(to_bytes(image))
    return series


@pytest.fixture
def stored(registered, post: Post, images: list[Dataset]) -> Callable[..., OverlayVersion]:
    """Stores a segmentation of the images, of an approved model unless told otherwise; its version."""

    def store(*, status: str = "approved", model_version: str = "2.1.0", **of_builder: object) -> OverlayVersion:
        if status:
            registered(version=model_version, status=status)
        built = segmentation(sources=images, model_version=model_version, **of_builder)
        outcome = post(to_bytes(built))
        assert outcome.refusal is None, outcome.findings
        return OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    return store
