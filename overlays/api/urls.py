"""Mounts the addresses of the JSON API."""

urlpatterns: list = []
