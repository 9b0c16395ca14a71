"""The people's face: importing it registers its pages with Django's admin."""

from overlays.admin import audit_pages, lineage, model_pages, overlay_pages, review_list, worklist

__all__ = ["audit_pages", "lineage", "model_pages", "overlay_pages", "review_list", "worklist"]
