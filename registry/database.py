"""Describes the database connection: PostgreSQL with a pool, or SQLite set up to lose nothing."""

from pathlib import Path
from typing import Any

import dj_database_url

SQLITE_PRAGMAS = (
    # FULL, not NORMAL: what was acknowledged survives a power cut.
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA cache_size=-20000; "
    "PRAGMA journal_size_limit=67108864; PRAGMA recursive_triggers=ON"
)


def configuration(url: str, folder: Path, pool: int) -> dict[str, Any]:
    """Django's DATABASES entry for the URL; for an empty one, SQLite in the folder."""
    found = dict(dj_database_url.parse(url or f"sqlite:///{folder / 'registry.sqlite3'}"))
    found["CONN_MAX_AGE"] = 0
    if found["ENGINE"].endswith("sqlite3"):
        # IMMEDIATE: without it, concurrent writers lose with "database is locked" instead of queueing.
        found["CONN_MAX_AGE"] = None
        found["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
        found["TEST"] = {"NAME": str(folder / "test.sqlite3")}
    else:
        found["OPTIONS"] = found.get("OPTIONS", {}) | {"pool": {"min_size": 1, "max_size": pool, "timeout": 10}}
    return found
