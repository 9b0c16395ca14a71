"""Ties the forms of the model pages to the services behind them."""

from collections.abc import Callable, Mapping

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from overlays.admin.actor import actor_of, allowed
from overlays.admin.acts import Act, Fields, Given, carry_out
from overlays.admin.plain_text import require_plain
from overlays.admin.read_only import asking, page
from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, Invalid, NotFound, NotPermitted
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ModelStatus
from overlays.models import AIModel, ModelVersion
from overlays.services.change_status import set_status
from overlays.services.posters import grant_poster, revoke_poster
from overlays.services.register_model import register_model, register_model_version

LONGEST_INTENDED_USE = 4000


def managing(
    request: HttpRequest,
    acts: Mapping[str, Act],
    render: Callable[[Given, int], HttpResponse],
    address: str,
) -> HttpResponse:
    """Carry out a steward's act; 403 to everybody else, 404 where its object is gone."""
    if not allowed(request, Action.MANAGE_MODELS):
        raise PermissionDenied
    try:
        return carry_out(request, acts, render, address)
    except NotPermitted as refused:
        raise PermissionDenied(refused.sentence) from refused
    except NotFound as refused:
        raise Http404(refused.sentence) from refused


@require_http_methods(["GET", "HEAD", "POST"])
@asking(Action.MANAGE_MODELS)
def register(request: HttpRequest) -> HttpResponse:
    """The form for a new model."""
    template, title = "overlays/model_register.html", "Register a model"
    if request.method != "POST":
        return page(request, template, title, given=Given())
    fields = {name: request.POST.get(name, "").strip() for name in ("name", "manufacturer", "intended_use")}
    try:
        require_plain(fields)
        if len(fields["intended_use"]) > LONGEST_INTENDED_USE:
            raise Invalid(f"An intended use has at most {LONGEST_INTENDED_USE} characters.")
        made = register_model(actor=actor_of(request), at=timezone.now(), **fields)
    except (Conflict, Invalid) as refused:
        status = 409 if isinstance(refused, Conflict) else 400
        return page(request, template, title, status, given=Given(fields, refused.sentence))
    return HttpResponseRedirect(reverse("admin:overlays_aimodel_change", args=[made.pk]))


def acts_on_model(model: AIModel) -> dict[str, Act]:
    """What a steward can do to a model."""

    def add_version(actor: Actor, fields: Fields) -> str:
        version = fields.get("version", "")
        made = register_model_version(actor=actor, at=timezone.now(), model_id=model.pk, version=version)
        return f"{made} is registered. It is not approved yet."

    def grant(actor: Actor, fields: Fields) -> str:
        client_id = fields.get("client_id", "")
        grant_poster(actor=actor, at=timezone.now(), model_id=model.pk, client_id=client_id)
        return f"The client {client_id} may post for {model.name}."

    def revoke(actor: Actor, fields: Fields) -> str:
        client_id = fields.get("client_id", "")
        revoke_poster(actor=actor, at=timezone.now(), model_id=model.pk, client_id=client_id)
        return f"The client {client_id} may no longer post for {model.name}."

    return {"version": add_version, "grant": grant, "revoke": revoke}


def acts_on_version(version: ModelVersion) -> dict[str, Act]:
    """What a steward can do to a model version."""

    def change(actor: Actor, fields: Fields) -> str:
        if fields.get("status") not in set(ModelStatus):
            raise Invalid("Choose the new status.")
        done = set_status(
            actor=actor,
            at=timezone.now(),
            model_version_id=version.pk,
            status=ModelStatus(fields["status"]),
            reason=fields.get("reason", ""),
        )
        return f"{version} is {done.get_after_display()} now."

    return {"status": change}
