"""Reads the deployment's settings from environment variables, and names each one that is wrong."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

from overlays.archive.credentials import require_credentials
from overlays.archive.holdings import OTHER
from overlays.dicom.instance import Family
from overlays.dicom.rules.policy import RulePolicy, rule_policy
from overlays.governance.archive_access import checked_roles
from registry.json_setting import read_json
from registry.viewer.package import FOLDER, is_there
from registry.viewers import viewers

ROOT = Path(__file__).resolve().parent.parent


def _text(value: str) -> str:
    return value


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError("it must be 1 or more")
    return number


def _count(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError("it must be 0 or more")
    return number


def _port(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 65535:
        raise ValueError("it must be a port, 1 to 65535")
    return number


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise ValueError("it must be an origin such as https://overlays.example")
    return f"{parts.scheme}://{parts.netloc}"


def _no_port(value: str) -> int | None:
    return _port(value) if value else None


def _no_origin(value: str) -> str:
    return _origin(value) if value else ""


def _service(value: str) -> str:
    parts = urlsplit(value)
    if value and (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment
    ):
        raise ValueError("it must be an address such as https://pacs.example/dicom-web, without credentials")
    return value.rstrip("/")


def _secret(value: str) -> str:
    """Text, or the path of a file that holds it. What is wrong with it is told without repeating it."""
    if "/" in value:
        try:
            value = Path(value).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"the file cannot be read ({type(fault).__name__})") from None
    if value and not re.fullmatch(r"[\w-]{32,128}", value, re.ASCII):
        raise ValueError("it must have 32 to 128 letters, digits, hyphens and underscores")
    return value


def _credentials(value: str) -> dict:
    return require_credentials(_json(dict)(value))


def _kinds(value: str) -> frozenset[str]:
    unknown = [word for word in _words(value) if word not in {OTHER, *map(str, Family)} - {Family.IMAGE}]
    if unknown:
        raise ValueError(f"{unknown[0]} is no kind of derived object")
    return frozenset(_words(value))


def _database(value: str) -> str:
    if urlsplit(value).scheme not in ("postgresql", "postgres", "sqlite"):
        raise ValueError("it must start with postgresql:// or sqlite://")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("it must be a name of the time zone database, such as Europe/Zurich")
    return value


def _rules(value: str) -> RulePolicy:
    """``SEG-018=error,VIE-002=off``."""
    changes: dict[str, str] = {}
    for pair in _words(value):
        name, _, word = (part.strip() for part in pair.partition("="))
        if changes.setdefault(name, word) != word:
            raise ValueError(f"{name} is given twice")
    return rule_policy(changes)


def _json(kind: type) -> Callable[[str], Any]:
    return lambda value: read_json(value, kind)


def _viewers(value: str) -> dict:
    return viewers(_json(dict)(value))


def _roles(value: str) -> dict:
    return checked_roles(read_json(value, dict))


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"it must be one of {', '.join(allowed)}")
        return value

    return read


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One environment variable: how to read it, what holds without it, what it is for."""

    name: str
    read: Callable[[str], Any]
    default: str
    purpose: str


VARIABLES: tuple[Variable, ...] = (
    Variable(name="DATA_DIR", read=Path, default="var", purpose="Folder for the embedded database, bytes and keys."),
    Variable(
        name="DATABASE_URL",
        read=_database,
        default="",
        purpose="PostgreSQL (postgresql://user:password@host:5432/name); empty: SQLite in DATA_DIR.",
    ),
    Variable(
        name="SECRET_KEY", read=_text, default="", purpose="Signs sessions; empty: made once and kept in DATA_DIR."
    ),
    Variable(
        name="SITE_URL",
        read=_origin,
        default="http://127.0.0.1:8000",
        purpose="The origin people and programs reach the registry at; also the issuer of its tokens.",
    ),
    Variable(name="ALLOWED_HOSTS", read=_words, default="", purpose="Further host names to answer to, by commas."),
    Variable(
        name="CORS_ALLOWED_ORIGINS", read=_words, default="", purpose="Origins of viewers on other hosts, by commas."
    ),
    Variable(
        name="SOURCE_STORE",
        read=_one_of("embedded", "archive", "none"),
        default="embedded",
        purpose="Where source images are: in the registry itself (embedded), in an archive, or nowhere it can look (none).",
    ),
    Variable(
        name="SOURCE_DICOMWEB_URL",
        read=_service,
        default="",
        purpose="The archive's DICOMweb address, such as https://pacs.example/dicom-web; needed for SOURCE_STORE=archive.",
    ),
    Variable(
        name="SOURCE_DICOMWEB_AUTH",
        read=_credentials,
        default="{}",
        purpose="The registry's credentials at the archive: JSON, or a file of it (docs/archive.md).",
    ),
    Variable(
        name="SOURCE_FORWARD_TOKEN",
        read=_one_of("yes", "no"),
        default="no",
        purpose="Whether viewers' own tokens go to the archive for what they search and retrieve, in place of those credentials.",
    ),
    Variable(
        name="SOURCE_SECONDS",
        read=_positive,
        default="10",
        purpose="How long the archive may be silent before it counts as away.",
    ),
    Variable(
        name="SOURCE_RETRIES",
        read=_count,
        default="1",
        purpose="How often an archive that did not begin to answer is asked again.",
    ),
    Variable(
        name="SOURCE_PASSES",
        read=_kinds,
        default="",
        purpose="Derived objects that pass from the archive unregistered, by commas: SEG, SR, PM, PR, KO, RTSTRUCT, ANN, SC, OTHER.",
    ),
    Variable(
        name="MAX_INSTANCE_BYTES",
        read=_positive,
        default="1073741824",
        purpose="Largest instance taken in; also the largest body of one encoding.",
    ),
    Variable(name="MAX_REQUEST_BYTES", read=_positive, default="4294967296", purpose="Largest body of one STOW-RS."),
    Variable(
        name="READ_LATER_BYTES",
        read=_positive,
        default="67108864",
        purpose="Objects over this size are answered for before highdicom has read them, and withheld until it has.",
    ),
    Variable(
        name="RULES",
        read=_rules,
        default="",
        purpose="Rules of docs/validation-rules.md made graver or milder: SEG-018=error,VIE-005=off (error, warning or off).",
    ),
    Variable(
        name="DECISION_SECONDS",
        read=_positive,
        default="60",
        purpose="How long a viewer may rely on a render decision.",
    ),
    Variable(
        name="SESSION_IDLE_SECONDS",
        read=_positive,
        default="3600",
        purpose="How long a person who does nothing in the browser stays signed in.",
    ),
    Variable(
        name="TRUSTED_PROXIES",
        read=_count,
        default="0",
        purpose="How many proxies are in front; what they say in X-Forwarded-For is believed.",
    ),
    Variable(
        name="PROXY_SECRET",
        read=_secret,
        default="",
        purpose="By which a proxy that takes images straight from the archive is known: text, or a file of it (docs/archive.md).",
    ),
    Variable(
        name="OIDC_ISSUERS",
        read=_json(list),
        default="[]",
        purpose="Further issuers whose access tokens are accepted: JSON, or a file of it (docs/identity.md).",
    ),
    Variable(
        name="STAFF_LOGIN",
        read=_json(dict),
        default="{}",
        purpose="An external issuer at which people sign in: JSON, or a file of it (docs/identity.md).",
    ),
    Variable(
        name="LOCAL_LOGIN",
        read=_one_of("yes", "no"),
        default="yes",
        purpose="Whether people may sign in with a password that is kept here.",
    ),
    Variable(
        name="VIEWERS",
        read=_viewers,
        default="{}",
        purpose="Viewers that can be launched: JSON, or a file of it (docs/identity.md).",
    ),
    Variable(
        name="VIEWER_URL",
        read=_no_origin,
        default="",
        purpose="The origin at which the registry serves OHIF, another than SITE_URL; empty: at none (docs/viewer.md).",
    ),
    Variable(name="VIEWER_DIR", read=Path, default=str(FOLDER), purpose="Folder that holds OHIF."),
    Variable(
        name="VIEWER_PORT",
        read=_no_port,
        default="",
        purpose="On which port beside PORT the web server listens for OHIF; empty: on none.",
    ),
    Variable(
        name="LAUNCH_SECONDS",
        read=_positive,
        default="300",
        purpose="How long the address of a launch can be opened, the person's sign-in included.",
    ),
    Variable(
        name="HEALTHIMAGING_ROLES",
        read=_roles,
        default="{}",
        purpose="IAM roles by AWS HealthImaging data store and scope: JSON, or a file of it (docs/identity.md).",
    ),
    Variable(name="TOKEN_SECONDS", read=_positive, default="300", purpose="Life of an access token."),
    Variable(
        name="DECODER_PROCESSES", read=_positive, default="2", purpose="Child processes that decode, per web process."
    ),
    Variable(
        name="DECODER_SECONDS",
        read=_positive,
        default="120",
        purpose="Longest that one instance may take to decode, or a result to encode.",
    ),
    Variable(
        name="DATABASE_POOL", read=_positive, default="10", purpose="PostgreSQL connections that one web process holds."
    ),
    Variable(
        name="TIME_ZONE",
        read=_zone,
        default="UTC",
        purpose="Of the days on labels, such as Europe/Zurich; lists and logs tell UTC.",
    ),
    Variable(
        name="LOG_LEVEL",
        read=_one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
        purpose="Least level logged.",
    ),
    Variable(name="PORT", read=_port, default="8000", purpose="Where the web server listens."),
    Variable(name="BIND_ADDRESS", read=_text, default="127.0.0.1", purpose="On which address it listens."),
    Variable(name="WEB_CONCURRENCY", read=_positive, default="2", purpose="Its processes."),
    Variable(name="WEB_THREADS", read=_positive, default="4", purpose="Threads in each process."),
)
"""Every variable the registry reads; the README's table lists the same."""


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The value of every variable; nothing of a viewer where OHIF is not there.

    Raises ImproperlyConfigured with one sentence for each variable that is wrong.
    """
    values, faults = {}, []
    for variable in VARIABLES:
        raw = environ.get(variable.name, "") or variable.default
        try:
            values[variable.name] = variable.read(raw) if raw or variable.read is not _database else ""
        except ValueError as error:
            faults.append(f"{variable.name}: {error}.")
    if values.get("SOURCE_STORE") == "archive" and not values.get("SOURCE_DICOMWEB_URL", " "):
        faults.append("SOURCE_DICOMWEB_URL: it is needed for SOURCE_STORE=archive.")
    for name, other in (("VIEWER_URL", "SITE_URL"), ("VIEWER_PORT", "PORT")):
        if values.get(name) and values[name] == values.get(other):
            faults.append(f"{name}: it must be another than {other}.")
    if faults:
        raise ImproperlyConfigured(" ".join(faults))
    if not is_there(ROOT / values["VIEWER_DIR"]):
        values |= {"VIEWER_URL": "", "VIEWER_PORT": None}
    return values
