"""Runs the benchmarks and prints the table: ``python -m tests.benchmarks [--only NAME …] [--write]``."""

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks.orthanc import is_installed, running_orthanc, version_of
from tests.benchmarks.scenarios import SCENARIOS, Bench
from tests.benchmarks.sides import Side, bare_server, our_side
from tests.benchmarks.table import markdown
from tests.journeys.server import ROOT, running_server

PAGE = ROOT / "docs" / "performance.md"
NO_ORTHANC = "Orthanc with its DICOMweb plugin is not installed here: nothing was compared with it."


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = [scenario.__name__ for scenario in SCENARIOS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    database = "PostgreSQL" if urlsplit(url).scheme.startswith("postgres") else "SQLite"
    began, rows, sentences = time.monotonic(), [], []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="overlays-bench-")))
        for name in ("ours", "orthanc"):
            (folder / name).mkdir()
        settings = {"TOKEN_SECONDS": "3600", "LOG_LEVEL": "WARNING"}
        server = stack.enter_context(running_server(folder / "ours", settings=settings))
        orthanc = None
        if is_installed():
            origin = stack.enter_context(running_orthanc(folder / "orthanc"))
            orthanc = Side(f"Orthanc {version_of(origin)}", origin, "/dicom-web")
        bench = Bench(
            ours=our_side(server), bare=stack.enter_context(bare_server(server)), orthanc=orthanc, folder=folder
        )
        for scenario in SCENARIOS:
            if scenario.__name__ in asked.only:
                for row in scenario(bench):
                    print(f"… {row.what}: {row.outcome}", flush=True)
                    rows.append(row)
    sentences.append(
        f"{database}, {os.cpu_count()} cores shared by clients and servers, beside "
        f"{orthanc.name if orthanc else 'nothing'}, {datetime.now(UTC):%Y-%m-%d}, {time.monotonic() - began:.0f} s in all."
        if orthanc
        else NO_ORTHANC
    )
    table = markdown(rows, absent=sentences)
    print(f"\n{table}")
    if asked.write:
        write(database, table)


def write(database: str, table: str) -> None:
    """Replace what stands in the page between the two marks of the database."""
    begin, end = f"<!-- {database}: figures -->", f"<!-- {database}: end -->"
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
