"""Fuzzes the core for a bounded time, or shows one failing input again: the command behind ``make fuzz``."""

import argparse
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from overlays.dicom.rules.table import TABLE
from overlays.dicom.sandbox import Sandbox
from tests.fuzz.campaign import Campaign
from tests.fuzz.encoding import examine_request
from tests.fuzz.examination import NARROW, examine
from tests.fuzz.measured import measured
from tests.fuzz.report import Report
from tests.fuzz.requests import Request
from tests.fuzz.seeds import names

ADDRESS_SPACE = 8 << 30
SANDBOX_SECONDS = 60.0


def main() -> int:
    """The exit status: 1 when anything failed."""
    options = _options()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    if options.replay:
        return _replayed(options.replay)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    print(f"Fuzzing for {options.seconds:g} s from seed {options.seed}; failing inputs are kept in {folder}")
    campaign = Campaign(folder=folder, seed=options.seed, real=not options.own_only)
    began = time.monotonic()
    with Sandbox(size=1, seconds=SANDBOX_SECONDS) as sandbox:
        campaign.run(options.seconds, sandbox=sandbox, told=lambda line: print(line, flush=True))
    _tell(campaign, time.monotonic() - began)
    return 1 if campaign.failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="where to begin; the same seed draws the same inputs")
    parser.add_argument("--own-only", action="store_true", help="leave out the objects of other writers")
    parser.add_argument("--replay", type=Path, help="examine this file alone, and show what is wrong")
    return parser.parse_args()


def _replayed(path: Path) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        try:
            warnings.simplefilter("error")
            report, cost = measured(lambda: _examined(path, Path(scratch)))
        except Exception:  # noqa: BLE001 - it is what was asked for
            traceback.print_exc()
            return 1
    print(
        f"Nothing wrong: {'accepted' if report.accepted else 'refused'}, rules {', '.join(sorted(report.rules)) or 'none'}"
    )
    print(f"{cost.seconds:.3f} s, {cost.grown >> 20} MB")
    return 0


def _examined(path: Path, scratch: Path) -> Report:
    if path.suffix == Request.suffix:
        return examine_request(path, folder=scratch)
    examine(path, folder=scratch, confidential=True, bounds=NARROW)
    return examine(path, folder=scratch, confidential=True)


def _tell(campaign: Campaign, seconds: float) -> None:
    print(
        f"\n{campaign.runs} inputs in {seconds:.0f} s, {campaign.runs / seconds:.0f} a second; {campaign.accepted} accepted"
    )
    print(f"slowest {campaign.slowest:.2f} s, largest {campaign.largest >> 20} MB above what was in use")
    print(f"accepted by the rules, not opened by highdicom: {sum(campaign.unopened.values())} of those that were tried")
    for complaint, count in campaign.unopened.most_common():
        print(f"  {count:>4}  {complaint}")
    bases = names(real=campaign.real)
    print(f"\nbases used: {sum(name in campaign.bases for name in bases)} of {len(bases)}")
    print("taken for: " + ", ".join(f"{name} {count}" for name, count in campaign.families.most_common()))
    known = [rule.id for rule in TABLE]
    never = [rule for rule in known if not campaign.rules[rule]]
    print(f"\nrules seen: {len(known) - len(never)} of {len(known)}")
    for start in range(0, len(known), 8):
        print("  " + "  ".join(f"{rule} {campaign.rules[rule]:>6}" for rule in known[start : start + 8]))
    print(f"never seen: {', '.join(never) or 'none'}")
    print(f"\n{len(campaign.failures)} kinds of failure")
    for failure in campaign.failures.values():
        print(
            f"\n{failure.signature}\n  {failure.path}\n  {failure.mutant}\n  {failure.error.strip().splitlines()[-1]}"
        )
        print(f"  again: make fuzz REPLAY={failure.path}")


if __name__ == "__main__":
    sys.exit(main())
