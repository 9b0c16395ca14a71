"""The archive is asked with the registry's own credentials, which go nowhere else."""

import json

import pytest

from overlays.archive.connection import Connection
from overlays.archive.elements import array
from overlays.governance.errors import ArchiveFailed, ArchiveTooSlow
from tests.archive.double import Answer


def authorization(double) -> list[str | None]:
    return [asked.headers.get("authorization") for asked in double.asked if asked.path != "/token"]


@pytest.fixture
def connected(double):
    double.answers = lambda asked: Answer()
    return lambda **credentials: Connection(double.url, credentials=credentials, seconds=1, retries=0)


def test_a_bearer_token_is_sent(double, connected):
    connected(kind="bearer", token="abc").get("studies").close()
    assert authorization(double) == ["Bearer abc"]


def test_name_and_password_are_sent(double, connected):
    connected(kind="basic", username="registry", password="pass:word").get("studies").close()
    assert authorization(double) == ["Basic cmVnaXN0cnk6cGFzczp3b3Jk"]


def test_the_callers_own_token_is_sent_in_their_place(double, connected):
    connected(kind="bearer", token="abc").get("studies", bearer="of the caller").close()
    assert authorization(double) == ["Bearer of the caller"]


@pytest.fixture
def issuing(double):
    issued = iter(range(100))

    def answers(asked):
        if asked.path == "/token":
            return Answer(json.dumps({"access_token": f"t{next(issued)}", "expires_in": 3600}).encode())
        return Answer(b"", "401 Unauthorized") if asked.headers.get("authorization") == "Bearer t0" else Answer()

    double.answers = answers
    given = {
        "kind": "client_credentials",
        "token_url": f"{double.origin}/token",
        "client_id": "me",
        "client_secret": "s",
    }
    return Connection(double.url, credentials=given, seconds=1, retries=0)


def test_a_token_is_fetched_once_and_again_when_it_is_refused(double, issuing):
    for _ in range(3):
        issuing.get("studies").close()
    assert authorization(double) == ["Bearer t0", "Bearer t1", "Bearer t1", "Bearer t1"]
    assert [dict(asked.query)["grant_type"] for asked in double.asked if asked.path == "/token"] == [
        "client_credentials"
    ] * 2


def test_credentials_stand_in_no_log_and_no_sentence(double, connected, caplog):
    caplog.set_level("DEBUG")
    double.answers = lambda asked: Answer(b"", "403 Forbidden")
    with pytest.raises(ArchiveFailed) as fault:
        connected(kind="bearer", token="hush-hush").get("studies")
    assert "hush-hush" not in caplog.text + fault.value.sentence


def test_a_redirect_is_not_followed(double, connected):
    double.answers = lambda asked: Answer(b"", "307 Temporary Redirect", {"Location": double.origin + "/other"})
    with pytest.raises(ArchiveFailed):
        connected(kind="bearer", token="abc").get("studies")
    assert len(double.asked) == 1


def test_silence_is_told_apart_from_failure(double, connected):
    import threading

    wait = threading.Event()

    def slow():
        yield b"["
        wait.wait(5)

    double.answers = lambda asked: Answer(slow())
    try:
        with pytest.raises(ArchiveTooSlow):
            list(connected().get("studies").chunks())
    finally:
        wait.set()


def test_a_body_that_breaks_off_is_a_failure(double, connected):
    double.answers = lambda asked: Answer(
        iter([b"[{"]), headers={"Content-Type": "text/plain", "Content-Length": "500"}
    )
    with pytest.raises(ArchiveFailed):
        list(connected().get("studies").chunks())


def test_a_body_that_is_too_long_is_a_failure(double, connected):
    double.answers = lambda asked: Answer(b"x" * 100)
    with pytest.raises(ArchiveFailed):
        list(connected().get("studies").chunks(at_most=99))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_data_sets_come_one_at_a_time_however_the_bytes_are_cut(size):
    found = [
        {"00100010": {"vr": "PN", "Value": [{"Alphabetic": 'Jürgen [{\\"]'}]}},
        {},
        {"a": {"b": list(range(5000))}},
    ]
    text = json.dumps(found, indent=1, ensure_ascii=False).encode()
    assert list(array(text[at : at + size] for at in range(0, len(text), size))) == found


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[", b"[{}", b"[{},]", b"[{} {}]", b"[{}]x", b"[,{}]", b"null", b'["a"]', b'[{"a":}]']
)
def test_what_is_no_array_of_data_sets_is_refused(text):
    with pytest.raises(ArchiveFailed):
        list(array([text]))
