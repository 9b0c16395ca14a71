"""Shows clients, issued tokens, people and groups in the admin; keys and codes are not shown at all."""

from collections.abc import Callable, Iterable
from typing import ClassVar

import oidc_provider.admin  # noqa: F401 - this app is loaded before the provider, and replaces what that registers
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from oidc_provider.models import Client, Code, RSAKey, Token
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from overlays.admin.plain_text import require_plain_query
from registry.oidc.client_form import ClientForm
from registry.oidc.clients import complete, new_client_id, new_secret
from registry.oidc.keys import ALGORITHM
from registry.oidc.pages import guarded
from registry.oidc.recording import Recorder, client_facts, person_facts, watching_password

for _model in (Client, Token, Code, RSAKey, User, Group):
    admin.site.unregister(_model)


class PlainQueries:
    """Lists rows only by texts that a column can hold."""

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The list; 400 where the search or a filter holds a control character."""
        require_plain_query(request)
        return super().changelist_view(request, extra_context)


class QuietDeletion:
    """Asks before a deletion without listing what goes with it: the name of an authorization code is the code itself."""

    def get_deleted_objects(self, objs: Iterable, request: HttpRequest) -> tuple:
        """What is deleted by name, what goes with it by number only."""
        _, counts, missing_permissions, protected = super().get_deleted_objects(objs, request)
        return [str(each) for each in objs], counts, missing_permissions, protected


class RecordedDeletion:
    """Records each row that is deleted, in the transaction of its deletion."""

    record_deletion: ClassVar[Callable[[Recorder, Model], None]]

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete one row."""
        with transaction.atomic():
            self.record_deletion(Recorder.of_session(request), obj)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete the rows that were chosen in the list."""
        with transaction.atomic():
            recorder = Recorder.of_session(request)
            for row in queryset:
                self.record_deletion(recorder, row)
            super().delete_queryset(request, queryset)


@admin.register(Client)
class ClientAdmin(PlainQueries, RecordedDeletion, QuietDeletion, ModelAdmin):
    """Registers applications; the secret of a confidential one is shown once, on the page that follows."""

    form = ClientForm
    record_deletion = staticmethod(Recorder.client_deleted)
    list_display = ("name", "client_id", "client_type", "scope_names")
    search_fields = ("name", "client_id")
    readonly_fields = ("client_id", "secret_state", "date_created")
    fieldsets = (
        (None, {"fields": ("name", "client_type", "client_id", "secret_state", "date_created")}),
        ("Allowed", {"fields": ("scopes", "studies", "launch_only")}),
        ("Login", {"fields": ("redirects", "redirects_after_logout", "require_consent", "reuse_consent")}),
        ("Contact", {"fields": ("contact_email", "website_url")}),
    )

    @admin.display(description="Scopes")
    def scope_names(self, client: Client) -> str:
        """The scopes of a client, in one line."""
        return client._scope

    @admin.display(description="Secret")
    def secret_state(self, client: Client) -> str:
        """Whether there is a secret, and the way to a new one; never the secret."""
        if not client.pk or client.client_type != "confidential":
            return "none"
        address = reverse("admin:identity_client_secret", args=[client.pk])
        return format_html('set · <a href="{}">make a new one</a>', address)

    def save_model(self, request: HttpRequest, obj: Client, form: ClientForm, change: bool) -> None:
        """Store the client with an id of its own and the one algorithm there is."""
        before = client_facts(Client.objects.get(pk=obj.pk)) if change else None
        if not change:
            obj.client_id = new_client_id()
        obj.jwt_alg = ALGORITHM
        obj.scope = form.cleaned_data["scopes"]
        obj.redirect_uris = form.cleaned_data["redirects"]
        obj.post_logout_redirect_uris = form.cleaned_data["redirects_after_logout"]
        if obj.client_type != "confidential":
            obj.client_secret = ""
        super().save_model(request, obj, form, change)
        complete(obj, form.cleaned_data["studies"], form.cleaned_data["launch_only"])
        Recorder.of_session(request).client_saved(Client.objects.get(pk=obj.pk), before)

    def response_add(self, request: HttpRequest, obj: Client, post_url_continue: str | None = None) -> HttpResponse:
        """The page with the secret, or the usual answer for a public client."""
        if obj.client_type == "confidential":
            return self._secret_page(request, obj, new_secret(obj))
        return super().response_add(request, obj, post_url_continue)

    def get_urls(self) -> list:
        """The admin's addresses, and the one that makes a new secret."""
        view = self.admin_site.admin_view(self.secret_view)
        return [path("<int:pk>/secret/", view, name="identity_client_secret"), *super().get_urls()]

    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then make a new secret and show it once."""
        client = Client.objects.filter(pk=pk, client_type="confidential").first()
        if client is None:
            raise Http404
        if not self.has_change_permission(request, client):
            raise PermissionDenied
        if request.method != "POST":
            return self._secret_page(request, client, None)
        with transaction.atomic():
            secret = new_secret(client)
            Recorder.of_session(request).secret_made(client)
            self.log_change(request, client, "Made a new secret.")
        return self._secret_page(request, client, secret)

    def _secret_page(self, request: HttpRequest, client: Client, secret: str | None) -> HttpResponse:
        back = reverse("admin:oidc_provider_client_change", args=[client.pk])
        context = {"client": client, "secret": secret, "back": back}
        return guarded(TemplateResponse(request, "identity/client_secret.html", context))


@admin.register(Token)
class TokenAdmin(PlainQueries, RecordedDeletion, ModelAdmin):
    """Lists what was issued; deleting a row revokes its access token within a second, and its refresh token at once."""

    record_deletion = staticmethod(Recorder.token_revoked)
    list_display = ("client", "user", "scope_names", "expires_at")
    list_filter = ("client",)
    search_fields = ("user__username", "client__name")
    list_select_related = ("client", "user")
    fields = ("client", "user", "scope_names", "expires_at")
    readonly_fields = fields

    @admin.display(description="Scopes")
    def scope_names(self, token: Token) -> str:
        """The scopes of a token, in one line."""
        return token._scope

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tokens are issued, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        """Tokens are issued, not edited."""
        return False


@admin.register(User)
class UserAdmin(PlainQueries, RecordedDeletion, QuietDeletion, DjangoUserAdmin, ModelAdmin):
    """People."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    record_deletion = staticmethod(Recorder.person_deleted)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Store the person, and keep in mind what they were before."""
        request.person_before = person_facts(User.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: list, change: bool) -> None:
        """Store groups and permissions, and record the whole."""
        super().save_related(request, form, formsets, change)
        Recorder.of_session(request).person_saved(form.instance, request.person_before)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """The page that sets a person's password."""
        person = self.get_object(request, unquote(id))
        return watching_password(
            request, person, lambda: super(UserAdmin, self).user_change_password(request, id, form_url)
        )


@admin.register(Group)
class GroupAdmin(PlainQueries, RecordedDeletion, DjangoGroupAdmin, ModelAdmin):
    """Groups of people, which grant the registry's scopes."""

    record_deletion = staticmethod(Recorder.group_deleted)

    def save_model(self, request: HttpRequest, obj: Group, form: ModelForm, change: bool) -> None:
        """Store the group, and record what was changed: its name is what grants a scope."""
        before = Group.objects.get(pk=obj.pk).name if change else ""
        super().save_model(request, obj, form, change)
        if not change:
            changed = "created"
        elif before != obj.name:
            changed = f"renamed from {before}"
        else:
            changed = ", ".join(form.changed_data) or "nothing"
        Recorder.of_session(request).group_changed(obj, changed)


@admin.site.admin_view
def change_own_password(request: HttpRequest) -> HttpResponse:
    """The admin's page on which people set their own password."""
    return watching_password(request, request.user, lambda: admin.site.password_change(request))
