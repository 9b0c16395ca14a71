"""Media types and accepted ranges, as clients write them."""

import pytest

from overlays.http.media_types import MalformedMediaType, MediaType, parse, parse_accept, preferred


@pytest.mark.parametrize(
    ("text", "essence", "parameters"),
    [
        ("application/dicom", "application/dicom", {}),
        (" Application/DICOM ; transfer-syntax=* ", "application/dicom", {"transfer-syntax": "*"}),
        ('multipart/related; type="application/dicom"', "multipart/related", {"type": "application/dicom"}),
        (
            "multipart/related;type=application/dicom;boundary=a",
            "multipart/related",
            {"type": "application/dicom", "boundary": "a"},
        ),
        (r'a/b; c="d\"e\\f;g=h"', "a/b", {"c": 'd"e\\f;g=h'}),
        ("a/b;", "a/b", {}),
        ("a/b; c=", "a/b", {"c": ""}),
    ],
)
def test_a_media_type_is_read(text, essence, parameters):
    assert parse(text) == MediaType(essence, parameters)


@pytest.mark.parametrize(
    "text", ["", "a", "a/", "/b", "a/b c", "a/b; c", 'a/b; c="d', "a/b; c=d; C=e", "a/b, c/d", "a/b;c d=e", "x" * 5000]
)
def test_what_is_no_media_type_is_refused(text):
    with pytest.raises(MalformedMediaType):
        parse(text)


@pytest.mark.parametrize(
    ("text", "essences"),
    [
        ("", ["*/*"]),
        ("a/b, c/d", ["a/b", "c/d"]),
        ("a/b;q=0.5, c/d", ["c/d", "a/b"]),
        ("a/b;q=0, c/*;q=0.001", ["c/*"]),
        ('multipart/related; type="a/b,c"; transfer-syntax=*, */*;q=0.1', ["multipart/related", "*/*"]),
    ],
)
def test_accepted_ranges_come_in_order_of_liking(text, essences):
    assert [found.essence for found in parse_accept(text)] == essences


@pytest.mark.parametrize(
    "text", ["a/b,", ",a/b", "a/b c/d", "a/b;q=2", "a/b;q=x", "a/b;q=0.1234", ", ".join(["a/b"] * 51)]
)
def test_what_is_no_list_of_ranges_is_refused(text):
    with pytest.raises(MalformedMediaType):
        parse_accept(text)


@pytest.mark.parametrize(
    ("range_", "inside"),
    [("*/*", True), ("image/*", True), ("image/png", True), ("image/jpeg", False), ("text/*", False)],
)
def test_a_range_contains_its_types(range_, inside):
    assert ("image/png" in MediaType(range_, {})) is inside


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("", "a/json"),
        ("*/*", "a/json"),
        ("a/*", "a/json"),
        ("a/jose", "a/jose"),
        ("a/jose, */*", "a/jose"),
        ("a/jose, a/json", "a/json"),
        ("a/json;q=0.5, a/jose", "a/jose"),
        ("a/json, a/jose;q=0.5", "a/json"),
        ("a/json;q=0.4, */*;q=0.5", "a/jose"),
        ("a/json;q=0, */*", "a/jose"),
        ("a/jose;q=0.1, */*;q=0.2", "a/json"),
        ("text/html, a/jose;q=0.001", "a/jose"),
        ("a/jose;q=0", None),
        ("a/jose+json", None),
        ("text/*", None),
    ],
)
def test_the_type_is_chosen_that_the_client_likes_best(text, chosen):
    assert preferred(text, ["a/json", "a/jose"]) == chosen


def test_no_type_is_chosen_by_what_is_no_list_of_ranges():
    with pytest.raises(MalformedMediaType):
        preferred("a/jose;q=2", ["a/jose"])
