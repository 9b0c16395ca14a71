"""Holds the one pool of decoding child processes of this process."""

from functools import cache

from django.conf import settings

from overlays.dicom.sandbox import Sandbox


@cache
def decoder() -> Sandbox:
    """The pool, made at first use; its children start when they are needed."""
    return Sandbox(size=settings.OVERLAYS_DECODER_PROCESSES, seconds=settings.OVERLAYS_DECODER_SECONDS)
