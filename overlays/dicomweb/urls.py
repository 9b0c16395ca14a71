"""Mounts the DICOMweb addresses, once for each purpose (PS3.18 Tables 10.4.1-1 and following, 10.5.1-1, 10.6.1-1)."""

from django.urls import path

from overlays.dicomweb.archive_retrieve import (
    BulkDataBehindArchive,
    InstancesBehindArchive,
    MetadataBehindArchive,
    PicturesBehindArchive,
    PixelsBehindArchive,
)
from overlays.dicomweb.archive_whole import WholeBehindArchive
from overlays.dicomweb.capabilities import Capabilities
from overlays.dicomweb.rendered import RetrievesRendered, RetrievesThumbnail
from overlays.dicomweb.rendered_whole import RetrievesRenderedWhole
from overlays.dicomweb.retrieve import RetrievesBulkData, RetrievesFrames, RetrievesInstances
from overlays.dicomweb.retrieve_metadata import RetrievesMetadata
from overlays.dicomweb.search import SearchesInstances, SearchesSeries, SearchesStudies
from overlays.dicomweb.store import StoresInstances


class Studies(SearchesStudies, StoresInstances):
    """GET searches for studies, POST stores instances of any."""


class Instances(InstancesBehindArchive, RetrievesInstances):
    """GET retrieves a series or an instance, from wherever it is."""


class Study(Instances, StoresInstances):
    """GET retrieves the study, POST stores instances of it."""


class Metadata(MetadataBehindArchive, RetrievesMetadata):
    """GET retrieves metadata, from wherever it is."""


class Frames(PixelsBehindArchive, RetrievesFrames):
    """GET retrieves frames, from wherever they are."""


class BulkData(BulkDataBehindArchive, RetrievesBulkData):
    """GET retrieves bulk data, from wherever it is."""


class Rendered(PicturesBehindArchive, RetrievesRendered):
    """GET retrieves a picture, drawn by whoever holds the pixels."""


class RenderedWhole(WholeBehindArchive, RetrievesRenderedWhole):
    """GET retrieves the pictures of a study or series, drawn by whoever holds the pixels."""


class Thumbnails(PicturesBehindArchive, RetrievesThumbnail):
    """GET retrieves a small picture, drawn by whoever holds the pixels."""


_STUDY = "studies/<str:study>"
_SERIES = f"{_STUDY}/series/<str:series>"
_INSTANCE = f"{_SERIES}/instances/<str:instance>"

app_name = "dicomweb"
urlpatterns = [
    path("studies", Studies.as_view(), name="studies"),
    path("series", SearchesSeries.as_view(), name="all-series"),
    path("instances", SearchesInstances.as_view(), name="all-instances"),
    path(_STUDY, Study.as_view(), name="study"),
    path(f"{_STUDY}/metadata", Metadata.as_view(), name="study-metadata"),
    path(f"{_STUDY}/series", SearchesSeries.as_view(), name="series-of-study"),
    path(f"{_STUDY}/instances", SearchesInstances.as_view(), name="instances-of-study"),
    path(_SERIES, Instances.as_view(), name="series"),
    path(f"{_SERIES}/metadata", Metadata.as_view(), name="series-metadata"),
    path(f"{_SERIES}/instances", SearchesInstances.as_view(), name="instances-of-series"),
    path(_INSTANCE, Instances.as_view(), name="instance"),
    path(f"{_INSTANCE}/metadata", Metadata.as_view(), name="instance-metadata"),
    path(f"{_INSTANCE}/frames/<str:frames>", Frames.as_view(), name="frames"),
    path(f"{_INSTANCE}/bulkdata/<str:tag>", BulkData.as_view(), name="bulkdata"),
    path(f"{_STUDY}/rendered", RenderedWhole.as_view(), name="study-rendered"),
    path(f"{_SERIES}/rendered", RenderedWhole.as_view(), name="series-rendered"),
    path(f"{_STUDY}/thumbnail", Thumbnails.as_view(), name="study-thumbnail"),
    path(f"{_SERIES}/thumbnail", Thumbnails.as_view(), name="series-thumbnail"),
    path(f"{_INSTANCE}/rendered", Rendered.as_view(), name="instance-rendered"),
    path(f"{_INSTANCE}/thumbnail", Thumbnails.as_view(), name="instance-thumbnail"),
    path(f"{_INSTANCE}/frames/<str:frames>/rendered", Rendered.as_view(), name="frame-rendered"),
    path(f"{_INSTANCE}/frames/<str:frames>/thumbnail", Thumbnails.as_view(), name="frame-thumbnail"),
]
urlpatterns.append(path("", Capabilities.as_view(described=tuple(urlpatterns)), name="capabilities"))
