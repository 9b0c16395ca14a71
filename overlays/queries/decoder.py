"""Holds the pools of child processes of this process: one that decodes, one that encodes."""

from functools import cache

from django.conf import settings

from overlays.dicom.sandbox import Sandbox

ENCODER_BYTES = 4 << 30
"""Address space of a child that encodes: a float map of 80 million voxels takes some 16 bytes a voxel while it is made."""


@cache
def decoder() -> Sandbox:
    """The pool, made at first use; its children start when they are needed."""
    return Sandbox(size=settings.OVERLAYS_DECODER_PROCESSES, seconds=settings.OVERLAYS_DECODER_SECONDS)


@cache
def encoder() -> Sandbox:
    """The pool that encodes, one at a time: it needs more memory, and may write what it encoded."""
    return Sandbox(
        size=1,
        seconds=settings.OVERLAYS_DECODER_SECONDS,
        memory_bytes=ENCODER_BYTES,
        file_bytes=settings.OVERLAYS_MAX_INSTANCE_BYTES,
    )
