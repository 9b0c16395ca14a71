"""The page on encoding says what the code does."""

import re
from pathlib import Path

from overlays.dicom.encode.describe_parametric_map import PARAMETRIC_MAP
from overlays.dicom.encode.describe_presentation import PRESENTATION_STATE
from overlays.dicom.encode.describe_report import GROUP, REPORT
from overlays.dicom.encode.description import SCHEMA, Kind
from overlays.services.encode import NO_ANSWER, NO_PREDECESSOR, NOT_HELD, RULE_OF_REASON

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "encoding.md").read_text("utf-8")


def test_every_rule_of_encoding_has_its_row():
    told = re.findall(r"^\| (ENC-\d{3}) \|", PAGE, re.MULTILINE)
    assert told == sorted({*RULE_OF_REASON.values(), NOT_HELD, NO_PREDECESSOR, NO_ANSWER})


def test_every_key_of_a_description_is_named():
    keys = {
        *SCHEMA["properties"],
        *REPORT["properties"],
        *GROUP["properties"],
        *PARAMETRIC_MAP["properties"],
        *PRESENTATION_STATE["properties"],
    }
    assert not {key for key in keys if f"`{key}`" not in PAGE}


def test_every_kind_has_a_section():
    assert not [kind for kind in Kind if f"| `{kind}` |" not in PAGE]
