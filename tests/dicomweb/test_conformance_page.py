"""The conformance statement says what is there."""

import re
from pathlib import Path

from django.conf import settings
from django.urls import get_resolver

from overlays.dicom.instance import Family
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.dicomweb.store_answer import FailureReason
from overlays.queries.dicomweb_attributes import ATTRIBUTES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "conformance.md").read_text("utf-8")


def test_every_address_and_method_is_listed_and_no_other():
    (mounted,) = [entry for entry in get_resolver().url_patterns if str(entry.pattern) == "dicom-web/"]
    served = {
        (re.sub(r"<str:(\w+)>", r"{\1}", str(pattern.pattern)), method.upper())
        for pattern in mounted.url_patterns
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.cls, method)
    }
    listed = set(re.findall(r"^\| `([a-z{}/]+)` \| ([A-Z]+) \|", PAGE, re.MULTILINE))
    assert listed == served | {("/", "OPTIONS")}


def test_every_header_of_cross_origin_calls_is_listed():
    (sentence,) = [line for line in PAGE.split("\n\n") if "CORS_ALLOWED_ORIGINS" in line]
    told = sentence.lower()
    ours = {"authorization", "accept", "content-type", "if-match", "if-none-match", "if-range", "range"}
    assert ours <= set(settings.CORS_ALLOW_HEADERS)
    assert all(name.lower() in told for name in [*ours, *settings.CORS_EXPOSE_HEADERS])


def test_every_attribute_that_can_be_searched_is_listed_as_it_is_matched():
    rows = re.findall(r"^\| (\w+) \| \(([0-9A-F]{4}),([0-9A-F]{4})\) \| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)
    listed = {(keyword, group + element, level, matching) for keyword, group, element, level, matching in rows}
    assert listed == {(each.keyword, each.tag, each.level.name.lower(), str(each.matching)) for each in ATTRIBUTES}


def test_every_failure_reason_is_listed():
    listed = {int(code, 16) for code in re.findall(r"^\| ([0-9A-F]{4})H \|", PAGE, re.MULTILINE)}
    assert listed == {int(reason) for reason in FailureReason}


def test_every_class_of_result_is_listed_and_no_other():
    table = PAGE.split("| Family | SOP classes | Frames |")[1].split("\n\n")[0]
    listed = set(re.findall(r"\.[0-9.]*[0-9]", table))
    storage = "1.2.840.10008.5.1.4.1.1"
    assert listed == {uid.removeprefix(storage) for uid, row in SOP_CLASSES.items() if row.family is not Family.IMAGE}
