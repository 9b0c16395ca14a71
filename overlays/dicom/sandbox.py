"""Keeps a pool of child processes in which foreign bytes are decoded, so that no object can take the service down."""

import atexit
import json
import os
import selectors
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from overlays.dicom.child import HEAD, LARGEST_WRITE, pack

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
"""A child imports highdicom before it is ready: about a second, more on a loaded machine."""

LARGEST_TEXT = 64 << 20
LARGEST_PAYLOAD = 1 << 30
"""Bytes of an answer that the parent is willing to hold: the child may be in foreign hands."""


class Task(StrEnum):
    """Everything a child can be asked; ``child_tasks.TASKS`` has one function for each."""

    OPEN = "open"
    """Does the library that everybody uses open the object and decode its frames?"""
    FRAME = "frame"
    """One frame, decoded."""
    ENCODE = "encode"
    """A folder with a description, masks and source headers, encoded as an object that is written into it."""
    COMPARE = "compare"
    """How far two segmentations agree."""
    FRAMES = "frames"
    """Several frames of a compressed object, decoded."""
    EXPLICIT = "explicit"
    """All but the pixels, re-encoded as Explicit VR Little Endian."""


class SandboxFailure(Exception):
    """No result: ``sentence`` says why, for people, without any value of the object."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SandboxRefused(SandboxFailure):
    """The library did not accept the object, or needed more memory than it may have."""


class SandboxTimedOut(SandboxFailure):
    """The task took longer than it may."""


class SandboxDied(SandboxFailure):
    """The child ended without an answer."""


class SandboxBusy(SandboxFailure):
    """Every child was at work for as long as the caller may wait."""


@dataclass(frozen=True)
class Answer:
    """What a task gave: a JSON object, and bytes where the task has any."""

    result: dict
    payload: bytes = b""


class Sandbox:
    """A bounded pool of long-lived children; safe to share between threads, and across a fork.

    ``size`` children at most, each within ``memory_bytes`` of address space; a task may take ``seconds`` of wall time, and write files
    of ``file_bytes``, which encoding and inflating need. A child is
    replaced after ``tasks_per_child`` tasks, or when more than ``resident_bytes`` stay in use after one. ``tasks`` names the table of
    task functions (``module:attribute``). Children are started when first needed.
    """

    def __init__(
        self,
        *,
        size: int = 2,
        memory_bytes: int = 2 << 30,
        seconds: float = 60.0,
        tasks_per_child: int = 500,
        resident_bytes: int = 512 << 20,
        wait_seconds: float = 30.0,
        file_bytes: int = LARGEST_WRITE,
        tasks: str = "overlays.dicom.child_tasks:TASKS",
    ) -> None:
        self.size = size
        self.seconds = seconds
        self.tasks_per_child = tasks_per_child
        self.resident_bytes = resident_bytes
        self.wait_seconds = wait_seconds
        self._options = json.dumps({"tasks": tasks, "memory_bytes": memory_bytes, "file_bytes": file_bytes})
        self._begin()
        _SANDBOXES.add(self)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, task: StrEnum, path: Path, *, seconds: float | None = None, **arguments: object) -> Answer:
        """Have a child run the task on the file; ``seconds`` replaces the pool's own limit.

        Raises SandboxRefused, SandboxTimedOut, SandboxDied, SandboxBusy.
        """
        allowed = self.seconds if seconds is None else seconds
        request = {"task": task, "path": str(path.resolve()), "arguments": arguments, "seconds": allowed}
        places = self._places
        if not places.acquire(timeout=self.wait_seconds):
            raise SandboxBusy(f"All {self.size} decoding processes were busy for {self.wait_seconds:g} s.")
        try:
            child = self._take()
            try:
                message, payload = child.ask(request, seconds=allowed)
            except BaseException:
                self._end(child)
                raise
            self._give_back(child, message)
        finally:
            places.release()
        if "refused" in message:
            raise SandboxRefused(message["refused"])
        return Answer(message["result"], payload)

    def warm(self) -> None:
        """Start the whole pool now, without waiting until it is ready."""
        with self._lock:
            while len(self._children) < self.size:
                self._idle.insert(0, self._start())

    def process_ids(self) -> tuple[int, ...]:
        """The children alive at this moment, for monitoring."""
        with self._lock:
            return tuple(child.process.pid for child in self._children)

    def close(self) -> None:
        """End every child, busy or not. The sandbox starts new ones if it is used again."""
        with self._lock:
            children, self._children, self._idle = list(self._children), set(), []
        for child in children:
            child.end()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self.size)
        self._children: set[_Child] = set()
        self._idle: list[_Child] = []

    def _after_fork(self) -> None:
        """In a forked copy of this process: let go of children that belong to the original, and of locks it may have held."""
        for child in self._children:
            child.forget()
        self._begin()

    def _start(self) -> "_Child":
        child = _Child(self._options)
        self._children.add(child)
        return child

    def _take(self) -> "_Child":
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.process.poll() is None:
                    return child
                self._children.discard(child)
                child.end()
            return self._start()

    def _give_back(self, child: "_Child", message: dict) -> None:
        worn = (
            message.get("spent", False)
            or child.tasks >= self.tasks_per_child
            or message["resident_bytes"] > self.resident_bytes
        )
        with self._lock:
            if not worn and child in self._children:
                self._idle.append(child)
                return
        self._end(child)

    def _end(self, child: "_Child") -> None:
        with self._lock:
            self._children.discard(child)
        child.end()


class _Child:
    """One child process and the two pipes to it."""

    def __init__(self, options: str) -> None:
        self.tasks = 0
        self._ready = False
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-B", "-P", "-m", "overlays.dicom.child", options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=environment(),
            start_new_session=True,
        )
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)

    def ask(self, request: dict, *, seconds: float) -> tuple[dict, bytes]:
        """Send one request and wait for the answer to it; waiting for the start has its own limit."""
        if not self._ready:
            self._read(time.monotonic() + START_SECONDS)
            self._ready = True
        self.tasks += 1
        deadline = time.monotonic() + seconds
        self._write(pack(request), deadline)
        return self._read(deadline)

    def end(self) -> None:
        """Kill the process, reap it and close the pipes."""
        self.process.kill()
        self.process.wait()
        self._close()

    def forget(self) -> None:
        """Close this process's copies of the pipes of a child that is another process's."""
        self._close()
        self.process.returncode = 0  # keeps Popen from waiting for a process that is not its child

    def _close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()

    def _write(self, message: bytes, deadline: float) -> None:
        rest, pipe = memoryview(message), self.process.stdin.fileno()
        while rest:
            self._wait(pipe, selectors.EVENT_WRITE, deadline)
            try:
                rest = rest[os.write(pipe, rest) :]
            except BrokenPipeError:
                raise self._died() from None

    def _read(self, deadline: float) -> tuple[dict, bytes]:
        length, payload_length = HEAD.unpack(self._read_exactly(HEAD.size, deadline))
        if length > LARGEST_TEXT or payload_length > LARGEST_PAYLOAD:
            raise SandboxDied("The decoding process gave an answer too large to be one.")
        text = self._read_exactly(length, deadline)
        try:
            message = json.loads(text)
        except ValueError:
            raise SandboxDied("The decoding process gave an answer that is not JSON.") from None
        return message, bytes(self._read_exactly(payload_length, deadline))

    def _read_exactly(self, length: int, deadline: float) -> bytearray:
        data, pipe = bytearray(), self.process.stdout.fileno()
        while len(data) < length:
            self._wait(pipe, selectors.EVENT_READ, deadline)
            piece = os.read(pipe, min(length - len(data), 1 << 20))
            if not piece:
                raise self._died()
            data += piece
        return data

    def _wait(self, pipe: int, event: int, deadline: float) -> None:
        with selectors.PollSelector() as selector:
            selector.register(pipe, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise SandboxTimedOut("Decoding took longer than it may.")

    def _died(self) -> SandboxDied:
        return SandboxDied("The decoding process ended without an answer.")


def environment() -> dict[str, str]:
    """All that a child gets to see of the service's environment: no address, no secret."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(PROJECT),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",  # its threads would reserve address space that counts against the limit
    }


_SANDBOXES: "weakref.WeakSet[Sandbox]" = weakref.WeakSet()


def _close_all() -> None:
    for sandbox in list(_SANDBOXES):
        sandbox.close()


def _forget_all() -> None:
    for sandbox in list(_SANDBOXES):
        sandbox._after_fork()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)
