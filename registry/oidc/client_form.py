"""Edits a client in the admin: scopes from the known list, no secret, no symmetric algorithm."""

from django import forms
from oidc_provider.models import Client
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from registry.oidc.clients import check_redirect_uri, checked_studies
from registry.oidc.scopes import KNOWN

SCOPES = [(scope, f"{scope}: {words[0]}") for scope, words in KNOWN.items()]
_LINES = "One on each line."


class ClientForm(forms.ModelForm):
    """The columns that an administrator decides; ids and secrets are made, never typed."""

    name = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget)
    scopes = forms.MultipleChoiceField(choices=SCOPES, required=False, widget=forms.CheckboxSelectMultiple)
    redirects = forms.CharField(
        label="Redirect URIs", required=False, max_length=8000, widget=UnfoldAdminTextareaWidget, help_text=_LINES
    )
    redirects_after_logout = forms.CharField(
        label="Redirect URIs after logout",
        required=False,
        max_length=8000,
        widget=UnfoldAdminTextareaWidget,
        help_text=_LINES,
    )
    studies = forms.CharField(
        label="Only these studies",
        required=False,
        max_length=8000,
        widget=UnfoldAdminTextareaWidget,
        help_text="Study Instance UIDs, one on each line; empty for every study.",
    )

    launch_only = forms.BooleanField(
        label="Opened by a launch only",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="The viewer then gets no token but one narrowed to the study it was launched on.",
    )

    class Meta:
        model = Client
        fields = ("name", "client_type", "require_consent", "reuse_consent", "contact_email", "website_url")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        client = self.instance
        if client.pk:
            grant = getattr(client, "grant", None)
            self.initial.update(
                scopes=client.scope,
                redirects="\n".join(client.redirect_uris),
                redirects_after_logout="\n".join(client.post_logout_redirect_uris),
                studies="\n".join(grant.studies or ()) if grant else "",
                launch_only=bool(grant and grant.launch_only),
            )

    def clean_redirects(self) -> list[str]:
        """The redirect URIs, each checked."""
        return self._uris("redirects")

    def clean_redirects_after_logout(self) -> list[str]:
        """The redirect URIs after logout, each checked."""
        return self._uris("redirects_after_logout")

    def clean_studies(self) -> list[str] | None:
        """The studies, or None for all."""
        return checked_studies(self.cleaned_data["studies"].split() or None)

    def _uris(self, field: str) -> list[str]:
        uris = self.cleaned_data[field].split()
        for uri in uris:
            check_redirect_uri(uri)
        return uris
