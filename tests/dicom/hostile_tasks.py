"""Tasks that misbehave in every way the sandbox is there for."""

import os
import signal
import time
from enum import StrEnum
from pathlib import Path

KEPT: list[bytearray] = []


class Hostile(StrEnum):
    ECHO = "echo"
    ENVIRONMENT = "environment"
    ALLOCATE = "allocate"
    HOARD = "hoard"
    SPIN = "spin"
    NAP = "nap"
    KILLED = "killed"
    RAISE = "raise"
    PRINT = "print"
    WRITE = "write"
    LEAVE = "leave"
    SPOIL = "spoil"


def echo(path: Path, **arguments: object) -> tuple[dict, bytes]:
    return {"path": str(path), "pid": os.getpid(), **arguments}, b"\x00payload" * int(arguments.get("times", 1))


def environment(path: Path) -> tuple[dict, bytes]:
    return dict(os.environ), b""


def allocate(path: Path, *, size: int) -> tuple[dict, bytes]:
    return {"length": len(bytearray(size))}, b""


def hoard(path: Path, *, size: int) -> tuple[dict, bytes]:
    KEPT.append(bytearray(b"x") * size)
    return {"pid": os.getpid()}, b""


def spin(path: Path) -> tuple[dict, bytes]:
    while True:
        pass


def nap(path: Path) -> tuple[dict, bytes]:
    time.sleep(1)
    return {"pid": os.getpid()}, b""


def killed(path: Path) -> tuple[dict, bytes]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}, b""


def raise_value(path: Path, *, message: str) -> tuple[dict, bytes]:
    raise ValueError(message)


def print_noise(path: Path) -> tuple[dict, bytes]:
    print("noise" * 1000, flush=True)
    os.write(1, b"more noise")
    return {"quiet": True}, b""


def write_file(path: Path) -> tuple[dict, bytes]:
    path.write_bytes(bytes(1 << 20))
    return {}, b""


def leave(path: Path) -> tuple[dict, bytes]:
    raise SystemExit(3)


def spoil(path: Path) -> tuple[dict, bytes]:
    for descriptor in range(3, 10):
        try:
            os.write(descriptor, b"\xff" * 64)
        except OSError:
            continue
    return {}, b""


TASKS = {
    Hostile.ECHO: echo,
    Hostile.ENVIRONMENT: environment,
    Hostile.ALLOCATE: allocate,
    Hostile.HOARD: hoard,
    Hostile.SPIN: spin,
    Hostile.NAP: nap,
    Hostile.KILLED: killed,
    Hostile.RAISE: raise_value,
    Hostile.PRINT: print_noise,
    Hostile.WRITE: write_file,
    Hostile.LEAVE: leave,
    Hostile.SPOIL: spoil,
}
