"""Measures what viewers that listen for changes cost the gate, and how soon they learn: ``python -m tests.benchmarks.listeners``."""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import requests

from tests.benchmarks import data
from tests.benchmarks.load import BadAnswer, Connection
from tests.benchmarks.processes import held_bytes, processor_seconds
from tests.benchmarks.sides import Ours, our_side
from tests.journeys.server import ROOT, VIEWER, running_server

LISTENERS = 500
CLIENTS = 8
SECONDS = 4.0
SETTLE_SECONDS = 4.0
LEARN_SECONDS = 6.0


@dataclass(frozen=True)
class Way:
    """A way to listen: the address, how long a listener waits between calls (0: it does not), whether one answer goes on and on."""

    name: str
    path: str
    poll_seconds: float = 0
    streams: bool = False
    threads: int = 4


WAYS = {
    "polling": Way("asking every 2 s", "/api/v1/changes", poll_seconds=2),
    "slow-polling": Way("asking every 3 s", "/api/v1/changes", poll_seconds=3),
    "long-polling": Way("long polling, 4 threads", "/bench/long-poll"),
    "events": Way("server-sent events, 4 threads", "/bench/events", streams=True),
    "long-polling-256": Way("long polling, 256 threads", "/bench/long-poll", threads=256),
    "events-256": Way("server-sent events, 256 threads", "/bench/events", streams=True, threads=256),
}


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Render decisions of some seconds: how long each took, and the processor time of the service meanwhile, whatever it did."""

    seconds: list[float]
    failures: int
    processor: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / SECONDS

    def share(self, part: float) -> float:
        """How long this part of the answers took at most, in milliseconds."""
        return sorted(self.seconds)[int(part * (len(self.seconds) - 1))] * 1000 if self.seconds else float("nan")


@dataclass(frozen=True, kw_only=True)
class Listened:
    """What was measured beside listeners: cores and bytes that they took while nothing else was asked, and when they learned."""

    decisions: Decisions
    cores: float
    grown: int
    delays: list[float]
    listening: int
    failures: int
    answers: list[float]
    """How long each answer to a listener took, in seconds."""


def decisions(ours: Ours, study: str) -> Decisions:
    """Ask for render decisions from several connections; an answer that does not come in time is a failure."""
    ask, seconds, failures = ours.decision(study), [], []
    took = processor_seconds(ours.server.process.pid)
    end = time.monotonic() + SECONDS

    def work() -> None:
        connection = Connection(ours.server.origin, timeout=SECONDS)
        while (began := time.monotonic()) < end:
            try:
                connection.ask(ask)
            except (OSError, BadAnswer) as error:
                failures.append(error)
                connection.close()
            else:
                seconds.append(time.monotonic() - began)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = processor_seconds(ours.server.process.pid) - took
    return Decisions(seconds=seconds, failures=len(failures), processor=took)


@contextmanager
def listening(ours: Ours, way: Way, study: str, tokens: list[str]) -> Iterator[dict]:
    """Listeners while the block runs; what they heard is in the dictionary after it."""
    told = {
        "origin": ours.server.origin,
        "path": way.path,
        "poll_seconds": way.poll_seconds,
        "streams": way.streams,
        "study": study,
        "tokens": tokens,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.listening"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    heard = {}
    try:
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        yield heard
    finally:
        said, _ = process.communicate(timeout=30)
    heard |= json.loads(said)


def beside(ours: Ours, way: Way, study: str, tokens: list[str], overlay: tuple[str, bytes]) -> Listened:
    """Measure with listeners there; at the end a version is rejected, and they learn of it."""
    pid = ours.server.process.pid
    held = held_bytes(pid)
    with listening(ours, way, study, tokens) as heard:
        time.sleep(SETTLE_SECONDS)
        took, began = processor_seconds(pid), time.monotonic()
        time.sleep(SECONDS)
        cores = (processor_seconds(pid) - took) / (time.monotonic() - began)
        grown = held_bytes(pid) - held
        asked = decisions(ours, study)
        rejected = time.monotonic()
        reject(ours, *overlay)
        time.sleep(max(0, rejected + LEARN_SECONDS - time.monotonic()))
    return Listened(
        decisions=asked,
        cores=cores,
        grown=grown,
        delays=sorted(moment - rejected for moment in heard["learned"] if moment > rejected),
        listening=heard["listening"],
        failures=heard["failures"],
        answers=sorted(heard["seconds"]),
    )


def reject(ours: Ours, instance: str, data: bytes) -> None:
    """Reject a version; where no thread is free to take the rejection, nobody learns of it."""
    body = {"decision": "reject", "reason": "BOUNDARY", "seen_sha256": hashlib.sha256(data).hexdigest()}
    address = f"{ours.server.origin}/api/v1/versions/{instance}/reviews"
    try:
        ours.reviewer.post(address, json=body, timeout=LEARN_SECONDS).raise_for_status()
    except requests.Timeout:
        print("the rejection was not taken in time", flush=True)


def measure(ours: Ours, way: Way, listeners: int, rounds: int) -> str:
    """A row of the table. Without and with listeners in turn, so that what else the machine does falls on both."""
    study, images, overlays = data.study_of_ten("listened")
    ours.pipeline.stow_all([*images, *(each for _, each in overlays)], clients=1)
    command = [sys.executable, "-m", "tests.benchmarks.tokens", "clara", VIEWER, "overlays.view", str(listeners)]
    said = subprocess.run(command, cwd=ROOT, env=ours.server.environment(), check=True, capture_output=True, text=True)
    alone, with_them = [], []
    decisions(ours, study)  # what is measured next is warm
    for number in range(rounds):
        alone.append(decisions(ours, study))
        with_them.append(beside(ours, way, study, said.stdout.split(), overlays[number]))
    found = max(with_them, key=lambda each: each.cores)
    delays = [delay for each in with_them for delay in each.delays]
    rate, rate_beside = median(each.rate for each in alone), median(each.decisions.rate for each in with_them)
    cells = [
        way.name,
        f"{found.listening} of {listeners}",
        f"{rate:.0f} → {rate_beside:.0f} /s ({rate_beside / rate:.0%})",
        " → ".join(
            f"{median(each.share(0.5) for each in some):.1f}" for some in (alone, [e.decisions for e in with_them])
        ),
        " → ".join(
            f"{median(each.share(0.99) for each in some):.0f}" for some in (alone, [e.decisions for e in with_them])
        ),
        f"{median(each.processor / len(each.seconds) for each in alone) * 1000:.2f}",
        f"{median(each.cores for each in with_them):.2f}",
        f"{found.answers[len(found.answers) // 2] * 1000:.0f}" if found.answers else "",
        f"{found.grown / (1 << 20):.0f} MB",
        f"{median(delays):.1f} s, {max(delays):.1f} s, {len(delays)}" if delays else "nobody",
        f"{sum(each.failures for each in with_them)}, {sum(each.decisions.failures for each in with_them)}",
    ]
    return f"| {' | '.join(cells)} |"


COLUMNS = (
    "Way",
    "Listening",
    "Decisions a second",
    "p50, ms",
    "p99, ms",
    "Processor time of a decision, ms",
    "Cores, listeners alone",
    "Median answer to a listener, ms",
    "Memory",
    "Learned: median, last, how many",
    "Failed: listeners, decisions",
)


def main() -> None:
    """Measure each way that is asked for, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.listeners", description=__doc__)
    parser.add_argument("ways", nargs="*", default=["polling"], help=", ".join(WAYS))
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    settings = {"TOKEN_SECONDS": "3600", "LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "tests.benchmarks.waiting"}
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    for name in asked.ways:
        with (
            tempfile.TemporaryDirectory(prefix="overlays-listeners-") as folder,
            running_server(Path(folder), settings=settings, threads=WAYS[name].threads) as server,
        ):
            print(measure(our_side(server), WAYS[name], asked.listeners, asked.rounds), flush=True)


if __name__ == "__main__":
    main()
