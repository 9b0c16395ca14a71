"""Mounts the DICOMweb addresses, once for each purpose."""

app_name = "dicomweb"
urlpatterns: list = []
