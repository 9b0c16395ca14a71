"""Puts the ceilings of a render policy into SQL, for questions about many versions at once."""

from collections.abc import Mapping
from enum import StrEnum

from django.db.models import Q

from overlays.governance.policy import DEFAULT_POLICY, Ceilings, Policy
from overlays.governance.vocabulary import Purpose, Verdict


def words_shown(table: Mapping[StrEnum, Verdict]) -> list[str]:
    """The words of a vocabulary that do not withhold."""
    return [str(word) for word, verdict in table.items() if verdict is not Verdict.WITHHOLD]


def sound_behind(ceilings: Ceilings) -> Q:
    """Versions that neither their model nor their sources withhold, whatever their review state."""
    behind = Q(model_version__status__in=words_shown(ceilings.statuses)) | (Q(model_version=None) & ~Q(author=""))
    if ceilings.no_model is not Verdict.WITHHOLD:
        behind |= Q(model_version=None)
    return behind & Q(verification__in=words_shown(ceilings.verifications))


def sound_for_care(policy: Policy = DEFAULT_POLICY) -> Q:
    """Versions that a clinician would be shown once they are accepted."""
    return sound_behind(policy.purposes[Purpose.CLINICAL])
