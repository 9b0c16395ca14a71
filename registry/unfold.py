"""Names the admin and lays out its side bar."""

UNFOLD = {
    "SITE_TITLE": "Overlay registry",
    "SITE_HEADER": "Overlay registry",
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
}
