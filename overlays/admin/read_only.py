"""Gives the pages of the admin what they share: nothing is edited by form, and permission is asked of the actor."""

from collections.abc import Callable
from functools import wraps
from typing import ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from overlays.admin.actor import allowed
from overlays.admin.plain_text import require_plain_query
from overlays.governance.errors import NotFound, NotPermitted
from overlays.governance.permissions import Action

View = Callable[..., HttpResponse]


def asking(*actions: Action, cacheable: bool = False) -> Callable[[View], View]:
    """Let a view answer those who may do one of the actions, inside the admin; what a service refuses becomes 403 or 404.

    A ``cacheable`` view sets its own Cache-Control; all others may be kept by nobody.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not allowed(request, *actions):
                raise PermissionDenied
            require_plain_query(request)
            try:
                return view(request, *args, **kwargs)
            except NotPermitted as refused:
                raise PermissionDenied(refused.sentence) from refused
            except NotFound as refused:
                raise Http404(refused.sentence) from refused

        return admin.site.admin_view(asked, cacheable)

    return decorate


def page(request: HttpRequest, template: str, title: str, status: int = 200, **context: object) -> TemplateResponse:
    """A page in the admin's frame."""
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, **context}, status=status)


class ReadOnlyAdmin(ModelAdmin):
    """Pages about rows that nobody edits. ``reading`` names the actions of which one lets a person see them."""

    reading: ClassVar[tuple[Action, ...]]
    empty_title: ClassVar[str] = "Nothing found"
    empty_text: ClassVar[str] = "No row answers to the search and the filters."
    actions = None
    show_full_result_count = False
    list_per_page = 25
    list_max_show_all = 0
    compressed_fields = True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person's groups grant one of the reading actions."""
        return allowed(request, *self.reading)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The application is listed for those who may read one of its tables."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is edited by form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted."""
        return False

    def found_or_404(self, request: HttpRequest, object_id: str) -> Model:
        """The row of a detail page; 403 to those who may not read it, 404 where there is none or the grant does not reach it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404(f"There is no {self.opts.verbose_name} {object_id}.")
        return found

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The list, under its name; 400 where the search or a filter is a text that no column can hold."""
        require_plain_query(request)
        title = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title[:1].upper() + title[1:], **(extra_context or {})})
