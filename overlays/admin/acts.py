"""Carries out what a form of the admin asks for, and keeps the input when a service refuses it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from overlays.admin.actor import actor_of
from overlays.admin.plain_text import require_plain
from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, Invalid

Fields = Mapping[str, str]
Act = Callable[[Actor, Fields], str]


@dataclass(frozen=True)
class Given:
    """What was sent, for the form to keep, and the sentence of its refusal."""

    fields: Fields = field(default_factory=dict)
    error: str = ""

    @property
    def act(self) -> str:
        """Which form was sent."""
        return self.fields.get("act", "")


def carry_out(
    request: HttpRequest, acts: Mapping[str, Act], render: Callable[[Given, int], HttpResponse], address: str
) -> HttpResponse:
    """Do the act that the form names, and go to ``address`` with its sentence.

    What a service refuses comes back as the page with that sentence: 409 for a conflict, 400 for bad input. NotPermitted and NotFound
    are the caller's.
    """
    fields = {name: value.strip() for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    act = acts.get(fields.get("act", ""))
    if act is None:
        return render(Given(fields, "The page knows no such act."), 400)
    try:
        require_plain(fields)
        done = act(actor_of(request), fields)
    except (Conflict, Invalid) as refused:
        return render(Given(fields, refused.sentence), 409 if isinstance(refused, Conflict) else 400)
    messages.success(request, done)
    return HttpResponseRedirect(address)
