"""The multipart parser: every rule of RFC 2046 that a body can break, and all the ways a body can be cut into chunks."""

import random

import pytest

from overlays.http.multipart import MultipartError, MultipartParser, PartBegins, PartEnds, Truncated

BOUNDARY = "b0undary"
PARTS = [
    ({"content-type": "application/dicom"}, b"\r\n--b0undar\r\n--\r\n-\r" * 3),
    ({}, b"no header"),
    ({"content-type": "text/plain", "content-id": "<1>"}, b""),
    ({}, b""),
    ({"content-type": "application/dicom"}, bytes(range(256)) * 5 + b"\r\n"),
]


def compose(parts=PARTS, *, preamble=b"", epilogue=b"", padding=b"", boundary=BOUNDARY) -> bytes:
    body = preamble + (b"\r\n" if preamble else b"")
    for number, (headers, data) in enumerate(parts):
        body += (b"\r\n" if number else b"") + b"--" + boundary.encode() + padding + b"\r\n"
        body += b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items()) + b"\r\n" + data
    return body + b"\r\n--" + boundary.encode() + b"--" + epilogue


def read(chunks, boundary=BOUNDARY) -> list[tuple[dict, bytes]]:
    parser = MultipartParser(boundary)
    found, open_part = [], None
    for chunk in chunks:
        for event in parser.feed(chunk):
            if isinstance(event, PartBegins):
                open_part = (event.headers, bytearray())
            elif isinstance(event, PartEnds):
                found.append((open_part[0], bytes(open_part[1])))
                open_part = None
            else:
                open_part[1].extend(event)
    parser.finish()
    return found


def split(body: bytes, rng: random.Random) -> list[bytes]:
    cuts = sorted(rng.randrange(len(body)) for _ in range(rng.randrange(1, 40)))
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


def test_a_body_gives_its_parts():
    assert read([compose()]) == PARTS


@pytest.mark.parametrize("seed", range(8))
def test_the_parts_are_the_same_however_the_body_is_cut(seed):
    rng = random.Random(seed)
    body = compose(preamble=b"this is skipped", epilogue=b"\r\nand this\r\n--b0undary\r\n", padding=b" \t ")
    for _ in range(500):
        assert read(split(body, rng)) == PARTS


def test_the_parts_are_the_same_byte_by_byte():
    body = compose(padding=b" ")
    assert read([body[at : at + 1] for at in range(len(body))]) == PARTS


@pytest.mark.parametrize("start", [b"", b"\r\n", b"a preamble\r\n", b"--b0und\r\n"])
def test_what_stands_before_the_first_delimiter_is_skipped(start):
    assert read([start + compose()]) == PARTS


def test_what_stands_behind_the_closing_delimiter_is_skipped():
    assert read([compose(epilogue=b"\r\n--b0undary\r\nX: y\r\n\r\nz")]) == PARTS


def test_a_delimiter_over_two_chunks_is_found():
    body = compose([({}, b"one"), ({}, b"two")])
    at = body.index(b"\r\n--", 10)
    for cut in range(at, at + len(BOUNDARY) + 8):
        assert read([body[:cut], body[cut:]]) == [({}, b"one"), ({}, b"two")]


def test_an_empty_part_with_header_is_told():
    assert read([b"--b\r\nA: b\r\n\r\n\r\n--b--"], "b") == [({"a": "b"}, b"")]


def test_the_line_end_of_the_header_may_begin_the_next_delimiter():
    assert read([b"--b\r\nA: b\r\n\r\n--b--"], "b") == [({"a": "b"}, b"")]


def test_a_body_may_have_no_part():
    assert read([b"--b--"], "b") == []


def test_folded_header_lines_are_joined():
    assert read([b"--b\r\nContent-Type: a/b;\r\n type=c\r\n\r\nx\r\n--b--"], "b") == [
        ({"content-type": "a/b; type=c"}, b"x")
    ]


@pytest.mark.parametrize("boundary", ["", "x" * 71, "ends in a space ", "sm\u00f6rg", "a\r\nb", 'a"b', "a\x00b", "a;b"])
def test_a_boundary_that_the_rfc_does_not_allow_is_refused(boundary):
    with pytest.raises(MultipartError, match="boundary has 1 to 70"):
        MultipartParser(boundary)


@pytest.mark.parametrize("boundary", ["x", "x" * 70, "'()+_,-./:=? x", "0.9 8"])
def test_a_boundary_that_the_rfc_allows_is_taken(boundary):
    assert read([compose(boundary=boundary)], boundary) == PARTS


def test_padding_of_blanks_and_tabs_is_taken_to_the_limit():
    assert read([compose(padding=b" \t" * 512)]) == PARTS


@pytest.mark.parametrize("padding", [b" " * 1025, b"x", b" x", b"-", b"\r \n"])
def test_anything_else_behind_a_boundary_is_refused(padding):
    with pytest.raises(MultipartError, match="boundary is followed"):
        read([compose(padding=padding)])


def test_padding_that_never_ends_is_refused_chunk_by_chunk():
    with pytest.raises(MultipartError, match="more than 1024 blanks"):
        read([b"--b", *([b" " * 100] * 20)], "b")


def test_a_header_of_8192_bytes_is_taken():
    value = "v" * (8192 - len("a: \r\n"))
    assert read([compose([({"a": value}, b"x")])]) == [({"a": value}, b"x")]


def test_a_longer_header_is_refused():
    with pytest.raises(MultipartError, match="more than 8192 bytes"):
        read([compose([({"a": "v" * 8300}, b"x")])])


def test_a_header_that_never_ends_is_refused_chunk_by_chunk():
    with pytest.raises(MultipartError, match="more than 8192 bytes"):
        read([b"--b\r\n", *([b"v" * 1000] * 20)], "b")


@pytest.mark.parametrize("line", [b"no colon", b": no name", b"a blank: x", b"\xffname: x"])
def test_a_header_line_that_is_no_field_is_refused(line):
    with pytest.raises(MultipartError, match="no field"):
        read([b"--b\r\n" + line + b"\r\n\r\nx\r\n--b--"], "b")


def test_a_field_that_stands_twice_is_refused():
    with pytest.raises(MultipartError, match="twice"):
        read([b"--b\r\nA: b\r\na: c\r\n\r\nx\r\n--b--"], "b")


def test_a_body_that_is_cut_anywhere_is_told_as_truncated():
    body = compose()
    for kept in range(len(body) - 1):
        with pytest.raises(Truncated):
            read([body[:kept]])


def test_a_part_that_was_cut_never_ends():
    parser = MultipartParser(BOUNDARY)
    events = list(parser.feed(compose([({}, b"whole"), ({}, b"cut here")])[:-15]))
    assert sum(isinstance(event, PartEnds) for event in events) == 1


def test_a_large_part_is_not_kept_in_memory():
    parser = MultipartParser(BOUNDARY)
    list(parser.feed(b"--b0undary\r\n\r\n"))
    total = 0
    for _ in range(50):
        total += sum(len(event) for event in parser.feed(bytes(1 << 16)) if isinstance(event, memoryview))
        assert len(parser._buffer) < 80
    assert total > 50 * (1 << 16) - 80
