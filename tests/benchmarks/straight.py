"""Measures images straight from the archive through nginx beside the same through the registry: ``python -m tests.benchmarks.straight``."""

import os
import tempfile
from pathlib import Path

from tests.benchmarks.load import get, repeat
from tests.benchmarks.processes import descendants
from tests.deploy.asking import FILES, OCTETS, below
from tests.deploy.site import Site, running_site

SIDES, SECONDS, CLIENTS = (512, 2048), 5.0, 4
"""Rows and columns of the images, two bytes for each pixel; seconds of each run; clients at once."""


def main() -> None:
    """Measure, and print a table in Markdown."""
    print("| What | straight | through the registry | from Orthanc itself |\n|---|---|---|---|")
    for side in SIDES:
        with (
            tempfile.TemporaryDirectory(prefix="overlays-straight-") as folder,
            running_site(Path(folder), side=side) as site,
        ):
            for what, suffix, accept in (("frame", "/frames/1", OCTETS), ("instance", "", FILES)):
                words = f"{what} of {side * side * 2 / 1e6:.1f} MB"
                print(f"| {words} | {' | '.join(_figures(site, suffix, accept))} |", flush=True)


def _figures(site: Site, suffix: str, accept: str) -> list[str]:
    """Of each way: the median, answers a second, and the processor time that the registry spends on one."""
    viewers = {"Accept": accept, "Authorization": f"Bearer {site.token('clinician')}"}
    own = {"Accept": accept, "Authorization": site.archive_authorization}
    found = []
    for origin, headers in ((site.origin, viewers), (site.server.origin, viewers), (site.archive, own)):
        heads = [get(origin + below(image) + suffix, **headers) for image in site.images]
        repeat(origin, heads, clients=CLIENTS, seconds=0.5, warm=0)
        before = _processor_seconds(site.server.process.pid)
        measured = repeat(origin, heads, clients=CLIENTS, seconds=SECONDS, warm=0)
        spent = (_processor_seconds(site.server.process.pid) - before) / len(measured.seconds)
        ours = f", {spent * 1000:.1f} ms of the registry's processors" if origin != site.archive else ""
        found.append(f"{measured.p50 * 1000:.1f} ms, {measured.rate:.0f} /s{ours}")
    return found


def _processor_seconds(pid: int) -> float:
    """What a process and all below it have used, by the user's and the system's account (proc(5), fields 14 and 15)."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
