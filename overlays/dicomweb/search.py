"""Answers QIDO-RS: studies, series and instances that may be seen, and nothing that hints at others (PS3.18 10.6)."""

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from overlays.dicomweb.address import Address
from overlays.dicomweb.archive_search import MOST_RESULTS, Merge
from overlays.dicomweb.json_answer import json_answer, locator, require_json_accepted
from overlays.dicomweb.search_answers import Element, instance_answer, series_answer, study_answer
from overlays.dicomweb.search_parameters import Parameters, read
from overlays.queries.archive_objects import in_use
from overlays.queries.dicomweb_attributes import BY_KEYWORD, Level
from overlays.queries.dicomweb_matching import Key
from overlays.queries.dicomweb_search import Asked, search_instances, search_series, search_studies

NO_FUZZY = (
    "The fuzzymatching parameter is not supported by the archive. Only literal matching has been performed there."
)
MORE = "There are additional results that can be requested."


class Searches(Address):
    """What the three levels share."""

    def _asked(self, wanted: Parameters, **path: str) -> Asked:
        """The client's keys and those of the address."""
        of_address: list[Key] = [(BY_KEYWORD[keyword], uid) for keyword, uid in path.items()]
        first, most = wanted.offset, wanted.limit
        if in_use():  # what lies before the page decides where it begins among the archive's results
            first, most = 0, min(wanted.offset + wanted.limit, MOST_RESULTS)
        return Asked(keys=[*of_address, *wanted.keys], limit=most, offset=first)

    def _answer(
        self,
        request: Request,
        found: list[Element],
        wanted: Parameters,
        level: Level,
        *,
        more: bool,
        **path: str | None,
    ) -> HttpResponse:
        """The results with those of the archive, where there is one."""
        merge = Merge(
            request=request,
            actor=self.actor,
            purpose=self.purpose,
            wanted=wanted,
            locate=locator(request),
            level=level,
            **path,
        )
        merged = merge.page(found, more=more)
        answer = json_answer(request, merged.found)
        told = [
            text for text, holds in ((NO_FUZZY, wanted.fuzzy and in_use()), (MORE, merged.more)) if holds
        ] + merged.told
        if told:
            service = settings.SITE_URL + request.path
            answer.headers["Warning"] = ", ".join(f'299 {service} "{text}"' for text in told)
        return answer


class SearchesStudies(Searches):
    """GET studies."""

    def get(self, request: Request, purpose: str) -> HttpResponse:
        """Studies of which something may be seen."""
        require_json_accepted(request)
        wanted = read(request.query_params, Level.STUDY)
        page = search_studies(actor=self.actor, purpose=self.purpose, asked=self._asked(wanted))
        locate = locator(request)
        found = [study_answer(study, page, wanted, locate) for study in page.rows]
        return self._answer(request, found, wanted, Level.STUDY, more=page.more)


class SearchesSeries(Searches):
    """GET series, of one study or of all."""

    def get(self, request: Request, purpose: str, study: str | None = None) -> HttpResponse:
        """Series of which something may be seen."""
        require_json_accepted(request)
        wanted = read(request.query_params, Level.SERIES)
        path = {"StudyInstanceUID": study} if study else {}
        page = search_series(actor=self.actor, purpose=self.purpose, asked=self._asked(wanted, **path))
        locate = locator(request)
        found = [series_answer(series, page, wanted, locate, with_study=study is None) for series in page.rows]
        return self._answer(request, found, wanted, Level.SERIES, more=page.more, study=study)


class SearchesInstances(Searches):
    """GET instances, of one series, of one study or of all."""

    def get(self, request: Request, purpose: str, study: str | None = None, series: str | None = None) -> HttpResponse:
        """Instances that may be seen."""
        require_json_accepted(request)
        wanted = read(request.query_params, Level.INSTANCE)
        path = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
        asked = self._asked(wanted, **{keyword: uid for keyword, uid in path.items() if uid})
        page = search_instances(actor=self.actor, purpose=self.purpose, asked=asked)
        locate = locator(request)
        found = [
            instance_answer(row, wanted, locate, with_study=study is None, with_series=series is None)
            for row in page.rows
        ]
        return self._answer(request, found, wanted, Level.INSTANCE, more=page.more, study=study, series=series)
