"""Rules about who verified a report (PS3.3 C.17.2)."""

from collections.abc import Iterator

from overlays.dicom.rules.rule import REPORTS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

OBSERVER = ("VerifyingObserverName", "VerifyingOrganization", "VerificationDateTime")


def _observers(subject: Subject) -> Iterator[Breach]:
    for item in subject.data_set.each("VerifyingObserverSequence"):
        for keyword in OBSERVER:
            if item.is_empty(keyword):
                yield item.place(keyword), "A verifying observer has a name, an organization, and a date and time."


def _unverified(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.text("VerificationFlag") == "UNVERIFIED" and subject.data_set.count(
        "VerifyingObserverSequence"
    ):
        yield path("VerificationFlag"), "The report names who verified it, but says that nobody did."


def _partial(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.text("VerificationFlag") == "VERIFIED" and subject.data_set.text("CompletionFlag") == "PARTIAL":
        yield path("CompletionFlag"), "The report is verified, though it says that its content is partial."


RULES: tuple[Rule, ...] = rules(
    (error, "SR-031", "Verifying observers are named with organization and time.", "PS3.3 C.17.2", _observers),
    (warning, "SR-032", "A report that names a verifying observer is verified.", "PS3.3 C.17.2", _unverified),
    (warning, "SR-033", "A verified report is complete.", "PS3.3 C.17.2", _partial),
    applies=REPORTS,
)
