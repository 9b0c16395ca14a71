"""Encodes a broken request as the child process would, and says what must be true of the answer."""

import json
import zipfile
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from overlays.dicom.bounds import Bounds
from overlays.dicom.child_encode import encode
from overlays.dicom.encode.refusal import Reason
from overlays.dicom.findings import Severity
from overlays.dicom.inspect import inspect
from tests.dicom.encode import wishes
from tests.fuzz.report import Report, demand

IDENTITY = asdict(wishes.IDENTITY) | {"created": wishes.IDENTITY.created.isoformat()}
SOUND_SOURCES = b"sound sources"
"""The comment of a file whose source images have no fault."""
PREDECESSOR = asdict(wishes.PREDECESSOR)


def examine_request(path: Path, *, folder: Path) -> Report:
    """Encode what the ZIP file holds.

    The answer is a refusal in words, or an object that no rule of ours refuses; a fault of the source images may show in it, unless
    the file says that they are sound. Raises Broken, and whatever the encoders raise that is not their own.
    """
    with TemporaryDirectory(dir=folder) as place:
        with zipfile.ZipFile(BytesIO(path.read_bytes())) as archive:
            archive.extractall(place)
            sound_sources = archive.comment == SOUND_SOURCES
        answer, _ = encode(Path(place), identity=IDENTITY, predecessor=PREDECESSOR if sound_sources else None)
        json.dumps(answer, allow_nan=False, ensure_ascii=False).encode()
        refused = answer.get("refused")
        if refused is not None:
            demand(refused["reason"] in set(Reason), "a refusal has a known reason")
            demand(bool(refused["sentence"]), "a refusal says why")
            return Report(frozenset(), False, f"refused: {refused['reason']}")
        found = inspect(Path(answer["path"]), bounds=Bounds(), scratch=folder)
    errors = {finding.rule for finding in found.findings if finding.severity is Severity.ERROR}
    demand(not (sound_sources and errors), f"what is encoded passes our own rules: {', '.join(sorted(errors))}")
    return Report(frozenset(finding.rule for finding in found.findings), not errors, "encoded")
