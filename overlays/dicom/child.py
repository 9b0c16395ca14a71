"""Runs decoding tasks one after another for a parent process, inside limits on memory, files and time.

Started as ``python -m overlays.dicom.child OPTIONS`` by :mod:`overlays.dicom.sandbox`; never imported by the service for its tasks.
"""

import gc
import importlib
import json
import logging
import os
import resource
import signal
import struct
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from overlays.dicom.complaint import complaint

HEAD = struct.Struct(">IQ")
"""What precedes a message: the length of its JSON and of its payload, in bytes."""

LARGEST_WRITE = 64 * 1024
"""Bytes that a child may write to any one file unless it encodes; it has no other reason to write any."""

GRACE_SECONDS = 5
"""How much later than the parent the child ends itself, for the case that the parent is gone."""

TaskFunction = Callable[..., tuple[dict, bytes]]
"""A task: the file's path and keyword arguments in, a JSON result and a binary payload out."""


def pack(message: dict, payload: bytes = b"") -> bytes:
    """One message as it travels: lengths, JSON, payload."""
    text = json.dumps(message, allow_nan=False).encode()
    return HEAD.pack(len(text), len(payload)) + text + payload


def perform(tasks: Mapping[str, TaskFunction], request: dict) -> tuple[dict, bytes]:
    """Run the requested task: its result, or the complaint of whatever failed.

    ``spent`` tells the parent that this process should not be trusted with another task.
    """
    path = Path(request["path"])
    try:
        result, payload = tasks[request["task"]](path, **request["arguments"])
    except Exception as error:  # noqa: BLE001 - decoders raise anything, and each failure is an answer
        return {"refused": complaint(error, path), "spent": isinstance(error, MemoryError | RecursionError)}, b""
    return {"result": result}, payload


def serve(requests: BinaryIO, answers: BinaryIO, tasks: Mapping[str, TaskFunction]) -> None:
    """Answer requests until the parent closes its end."""
    answers.write(pack({"ready": True}))
    while len(head := requests.read(HEAD.size)) == HEAD.size:
        length, _ = HEAD.unpack(head)
        request = json.loads(requests.read(length))
        # The default action of SIGALRM ends the process, also while foreign code holds the interpreter.
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + GRACE_SECONDS)
        answer, payload = perform(tasks, request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(pack(answer | {"resident_bytes": resident_bytes()}, payload))


def resident_bytes() -> int:
    """Memory of this process that is in use now (Linux: proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def limit(memory_bytes: int, file_bytes: int = LARGEST_WRITE) -> None:
    """Bound the address space and the size of written files, and leave no core dump with a patient's pixels."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))


def main() -> None:
    """Set the limits, import the tasks, and serve over standard input and output."""
    options = json.loads(sys.argv[1])
    limit(options["memory_bytes"], options["file_bytes"])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    # Whatever a library prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    module, _, table = options["tasks"].partition(":")
    tasks = getattr(importlib.import_module(module), table)
    gc.collect()
    gc.freeze()
    serve(sys.stdin.buffer, _Unbroken(answers), {str(task): function for task, function in tasks.items()})


class _Unbroken:
    """Writes a message whole to a pipe, whose raw ``write`` may take a part of it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw

    def write(self, message: bytes) -> None:
        rest = memoryview(message)
        while rest:
            rest = rest[self._raw.write(rest) :]


if __name__ == "__main__":
    main()
