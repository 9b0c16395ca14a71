"""Checks a signed render decision, and whether it lets an instance at hand be shown. Needs PyJWT and cryptography.

    python verify_decision.py DECISION INSTANCE --issuer https://overlays.example [--keys KEYS]

DECISION is the file with the answer to ``Accept: application/jose``, INSTANCE the file with the DICOM instance as it was retrieved, KEYS
the key set: a file, or its address (unless given, ISSUER/api/v1/decision-keys). Prints a sentence; the exit status is 0 if the
instance may be shown for the clinical purpose, else 1.
"""

import argparse
import hashlib
import json
import sys
import urllib.request
from pathlib import Path

import jwt


class Refused(Exception):
    """The decision does not hold, or does not let the instance be shown; the text says why."""


def decision_in(text: str, *, issuer: str, keys: list[dict], purpose: str = "clinical") -> dict:
    """What a signed decision says. Raises Refused unless this issuer signed it as one for the purpose, and it has not expired."""
    try:
        header = jwt.get_unverified_header(text)
        if (header.get("typ"), header.get("alg")) != ("render-decision+jwt", "ES256") or "crit" in header:
            raise Refused("This is no signed render decision.")
        found = [key for key in keys if key.get("kid") == header.get("kid") and key.get("crv") == "P-256"]
        if not found:
            raise Refused("The issuer has no key of this id.")
        options = {"require": ["iss", "exp", "jti"], "verify_iat": False}
        decision = jwt.decode(text, jwt.PyJWK(found[0], "ES256").key, ["ES256"], issuer=issuer, options=options)
    except jwt.ExpiredSignatureError:
        raise Refused("The decision has expired.") from None
    except jwt.InvalidIssuerError:
        raise Refused("The decision is of another issuer.") from None
    except jwt.PyJWTError as fault:
        raise Refused(f"The decision does not verify: {fault}.") from None
    if decision.get("purpose") != purpose:  # for review, what nobody accepted is shown
        raise Refused("The decision is for another purpose.")
    return decision


def ruling_on(decision: dict, sha256: str) -> dict:
    """What the decision says of the instance with this digest (hexadecimal). Raises Refused unless that is to show it."""
    for ruling in decision["overlays"]:
        if ruling.get("sha256") == sha256:
            if ruling["verdict"] not in ("show", "show_with_warning"):
                raise Refused(f"The instance is withheld: {ruling['label']}")
            return ruling
    raise Refused("The decision says nothing of an instance with these bytes.")


def _read_keys(source: str) -> list[dict]:
    try:
        if not source.startswith(("https://", "http://")):
            return json.loads(Path(source).read_bytes())["keys"]
        with urllib.request.urlopen(source, timeout=10) as answer:
            return json.load(answer)["keys"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(f"The keys of {source} cannot be read.") from None


def main() -> int:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description="Check a signed render decision.")
    parser.add_argument("decision", type=Path)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--keys")
    given = parser.parse_args()
    try:
        keys = _read_keys(given.keys or f"{given.issuer}/api/v1/decision-keys")
        text = given.decision.read_text("utf-8").strip()
        decision = decision_in(text, issuer=given.issuer, keys=keys)
        ruling = ruling_on(decision, hashlib.sha256(given.instance.read_bytes()).hexdigest())
    except Refused as refused:
        print(refused)
        return 1
    print(f"{ruling['verdict']}: {ruling['label']}", ruling["warning"] or "", f"(decision {decision['jti']})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
