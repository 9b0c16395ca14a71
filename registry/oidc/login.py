"""Signs people in and out with a password, slowly for whoever guesses."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import views
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from registry.oidc.pages import guarded
from registry.oidc.recording import record_failed_login, record_login
from registry.oidc.staff_login import staff_login
from registry.oidc.throttle import FAILED_ADDRESSES, FAILED_LOGINS, address_of


class LoginView(views.LoginView):
    """The login page; answers 429 after too many failures of a name from an address, or of an address."""

    template_name = "registration/login.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page, guarded."""
        return guarded(super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The form; where no password opens anything here, on to the external issuer."""
        if not settings.LOCAL_LOGIN and staff_login() is not None and not request.user.is_authenticated:
            query = {"next": self.get_redirect_url()} if self.get_redirect_url() else {}
            return redirect(f"{reverse('external-login')}?{urlencode(query)}")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict:
        """What the page shows: the form, and the way to the external issuer."""
        return super().get_context_data(**kwargs) | {"local": settings.LOCAL_LOGIN, "external": staff_login()}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Take the password, unless this door is closed for a while."""
        if not settings.LOCAL_LOGIN:
            context = {"error": "Not signed in", "description": "Passwords are not taken here."}
            return render(request, "oidc_provider/error.html", context, status=403)
        at = timezone.now()
        address = address_of(request)
        wait = max(FAILED_LOGINS.wait(self._door(request), at), FAILED_ADDRESSES.wait(address, at))
        if wait:
            context = self.get_context_data(form=self.get_form_class()(request), wait=wait)
            response = self.render_to_response(context, status=429)
            response.headers["Retry-After"] = str(wait)
            return response
        return super().post(request, *args, **kwargs)

    def form_valid(self, form) -> HttpResponse:
        """Sign in, and record it in the same transaction."""
        with transaction.atomic():
            response = super().form_valid(form)
            record_login(self.request, timezone.now())
        return response

    def form_invalid(self, form) -> HttpResponse:
        """Count the failure, and record it where a name and a password were given."""
        at = timezone.now()
        if form.cleaned_data.get("username") and form.cleaned_data.get("password"):
            with transaction.atomic():
                record_failed_login(self.request, form.cleaned_data["username"], at)
        FAILED_LOGINS.failed(self._door(self.request), at)
        FAILED_ADDRESSES.failed(address_of(self.request), at)
        return super().form_invalid(form)

    @staticmethod
    def _door(request: HttpRequest) -> tuple[str, str]:
        return request.POST.get("username", "")[:150].casefold(), address_of(request)


class LogoutView(views.LogoutView):
    """Ends the session, by POST only."""

    template_name = "identity/logged_out.html"
