"""Signs people in and out with a password, slowly for whoever guesses."""

from django.contrib.auth import views
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from registry.oidc.pages import guarded
from registry.oidc.recording import record_failed_login, record_login
from registry.oidc.throttle import FAILED_ADDRESSES, FAILED_LOGINS, address_of


class LoginView(views.LoginView):
    """The login page; answers 429 after too many failures of a name from an address, or of an address."""

    template_name = "registration/login.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The page, guarded."""
        return guarded(super().dispatch(request, *args, **kwargs))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Take the password, unless this door is closed for a while."""
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
