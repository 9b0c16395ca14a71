"""Holds every object of the corpus against highdicom, dciodvfy and ours: the command behind ``make corpus``."""

import hashlib
import sys
from collections.abc import Iterator

from tests import corpus
from tests.third_party.table import explained, table
from tests.third_party.verdicts import Readers, Verdicts, judged

NO_CORPUS = 2


def main() -> int:
    """The exit status: 0 where every row is explained, 1 where one is not or an object did harm, 2 without a corpus."""
    if not corpus.files():
        print(f"{corpus.CORPUS} holds no DICOM object; name another folder: make corpus CORPUS=folder", file=sys.stderr)
        return NO_CORPUS
    rows = [*verdicts()]
    told, missing = explained(rows)
    failed = [row for row in rows if row.failure]
    print(table(rows))
    print(f"\nWhere ours differs from highdicom or dciodvfy:\n\n{told}\n")
    print(
        f"{len(rows)} objects, {sum(row.accepted for row in rows)} accepted; {missing} unexplained, {len(failed)} failed;"
        f" slowest {max(row.seconds for row in rows):.2f} s, largest {max(row.grown for row in rows) >> 20} MB"
    )
    return 1 if missing or failed else 0


def verdicts() -> Iterator[Verdicts]:
    """The verdicts on every object of the corpus, one after the other; of equal files, on the first."""
    seen: set[bytes] = set()
    with Readers() as readers:
        for path in corpus.files():
            digest = hashlib.sha256(path.read_bytes()).digest()
            if digest not in seen:
                seen.add(digest)
                yield judged(path, str(path.relative_to(corpus.CORPUS)), readers)


if __name__ == "__main__":
    sys.exit(main())
