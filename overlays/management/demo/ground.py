"""Looks whether a database is one that the demonstration may be loaded into: an empty one, or its own."""

from pathlib import Path

from django.contrib.auth import get_user_model

from overlays.management.demo import objects
from overlays.management.demo.logins import PEOPLE, read_logins
from overlays.models import AIModel, Study


def others_here(folder: Path) -> list[str]:
    """What the database holds of others, in words; nothing where it is empty, or the demonstration's study is in it.

    People who bear a name of the demonstration count as others unless they have the password of ``folder``'s demonstration: a
    person's account is never taken over.
    """
    if Study.objects.filter(study_instance_uid=objects.STUDY.uid("study")).exists():
        return []
    people = get_user_model().objects
    names = [person.username for person in PEOPLE]
    password = read_logins(folder).get("DEMO_PASSWORD", "")
    namesakes = [person for person in people.filter(username__in=names) if not person.check_password(password)]
    counts = {
        "people": people.exclude(username__in=names).count() + len(namesakes),
        "studies": Study.objects.count(),
        "models": AIModel.objects.exclude(manufacturer__in=[objects.LIVER_MAKER, objects.ORGAN_MAKER]).count(),
    }
    return [f"{count} {what}" for what, count in counts.items() if count]
