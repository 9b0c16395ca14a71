"""Answers rendered studies and series with the archive's pictures of its images beside the registry's of its results."""

from django.http import HttpResponseBase

from overlays.archive.holdings import Held
from overlays.dicomweb.archive_retrieve import BehindArchive
from overlays.dicomweb.rendered_whole import Drawn, require_few
from overlays.governance.errors import ArchiveFailed, NotFound
from overlays.http.refusals import CannotServe
from overlays.queries.dicomweb_retrieve import Retrievable

MOST_PICTURE_BYTES = 1 << 26


class WholeBehindArchive(BehindArchive):
    """Pictures of studies and series."""

    def from_archive(self, found: list[Held], own: list[Retrievable]) -> HttpResponseBase:
        """The archive's pictures one by one, as it draws them, then the registry's."""
        essence, wanted = self.asked()
        require_few(len(found) + len(own))

        def pictures() -> Drawn:
            yield from self._theirs(found, essence)
            yield from self.drawn(own, wanted, essence)

        return self.answered(pictures(), essence)

    def _theirs(self, found: list[Held], essence: str) -> Drawn:
        query = list(self.request.query_params.items())
        for each in found:
            path = f"studies/{each.study}/series/{each.series}/instances/{each.instance}/rendered"
            try:
                answer = self._ask(path, query=query, headers={"Accept": essence})
            except (NotFound, CannotServe):  # what has no picture
                continue
            if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != essence:
                answer.close()
                raise ArchiveFailed("The archive answers with something that was not asked for.")
            yield essence, answer.chunks(at_most=MOST_PICTURE_BYTES)
