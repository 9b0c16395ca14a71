"""The server as it is started: whom it waits for, what it writes into its log, when it does not start."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from tests.journeys.server import Server, running_server

pytestmark = pytest.mark.slow

THREADS = 2


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """A registry of one process with two threads, without people."""
    folder = tmp_path_factory.mktemp("gunicorn")
    with running_server(folder, prepare=migrated, workers=1, threads=THREADS) as running:
        yield running


def migrated(server: Server) -> None:
    server.manage(["migrate", "--verbosity", "0"], ["ensure_signing_key"])


def sent(stack: ExitStack, server: Server, text: bytes) -> socket.socket:
    """A connection on which this was sent, and nothing more."""
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
    connection.sendall(text)
    return connection


def post_without_body(path: str) -> bytes:
    kind = "application/x-www-form-urlencoded"
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\n".encode()


def seconds_until_alive(server: Server) -> float:
    began = time.monotonic()
    assert requests.get(f"{server.origin}/livez", timeout=60).status_code == 200
    return time.monotonic() - began


def test_connections_without_a_request_hold_nobody_up(server):
    with ExitStack() as stack:
        for _ in range(4 * THREADS):
            sent(stack, server, b"")
        assert seconds_until_alive(server) < 3


@pytest.mark.parametrize("path", ["/api/v1/models", "/dicom-web/studies"])
def test_a_stranger_is_refused_without_waiting_for_the_body(server, path):
    with ExitStack() as stack:
        for _ in range(THREADS):
            sent(stack, server, post_without_body(path))
        assert seconds_until_alive(server) < 6


@pytest.mark.parametrize("request_", [post_without_body("/oidc/token"), b"GET / HTTP/1.1\r\n"], ids=["body", "headers"])
def test_a_request_that_does_not_come_gives_its_thread_back(server, request_):
    with ExitStack() as stack:
        for _ in range(THREADS):
            sent(stack, server, request_)
        assert seconds_until_alive(server) < 20


def test_a_request_that_comes_byte_by_byte_gives_its_thread_back(server):
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        while not over.wait(0.5):
            try:
                connection.sendall(b"x")
            except OSError:
                return

    with ExitStack() as stack:
        drips = [
            threading.Thread(target=drip, args=(sent(stack, server, post_without_body("/oidc/token")),))
            for _ in range(THREADS)
        ]
        for each in drips:
            each.start()
        try:
            assert seconds_until_alive(server) < 25
        finally:
            over.set()
            for each in drips:
                each.join()


def test_a_body_that_did_not_come_is_answered_408(server):
    with ExitStack() as stack:
        answer = sent(stack, server, post_without_body("/oidc/token")).recv(100)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_no_address_writes_a_line_of_its_own_into_the_log(server):
    requests.get(f"{server.origin}/dicom-web/studies/1%0a%0dFORGED%20line", timeout=10)
    lines = [line for line in server.log.read_text().splitlines() if "FORGED" in line]
    assert lines
    assert all("1%0A%0DFORGED%20line" in line or "\\n\\rFORGED" in line for line in lines)


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("WEB_THREADS", "many"), ("SOURCE_STORE", "attic")])
def test_a_setting_that_cannot_be_used_ends_the_start_by_name(tmp_path, name, value):
    server = Server(folder=tmp_path, database_url="", settings={name: value})
    with pytest.raises(AssertionError, match=f"{name}: "):
        server.start()


def test_the_server_ends_when_the_database_is_not_fit(tmp_path):
    server = Server(folder=tmp_path, database_url="", workers=2)
    migrated(server)
    drop = "from django.db import connection; connection.cursor().execute('DROP TRIGGER overlays_review_no_delete')"
    server.manage(["shell", "--verbosity", "0", "-c", drop])
    with pytest.raises(AssertionError, match="overlays_review_no_delete"):
        server.start()
    assert server.process.returncode in (3, 1)  # 1 when the second worker's end interrupts the halt for the first


def test_connections_without_a_request_do_not_put_the_end_off(tmp_path):
    with ExitStack() as stack, running_server(tmp_path, prepare=migrated, workers=1) as server:
        sent(stack, server, b"")
        seconds_until_alive(server)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 10
