"""The pool survives whatever happens in its children, and says what happened."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from overlays.dicom.sandbox import PROJECT, Sandbox, SandboxBusy, SandboxDied, SandboxRefused, SandboxTimedOut
from tests.dicom import small
from tests.dicom.hostile_tasks import Hostile

pytestmark = pytest.mark.slow

TABLE = "tests.dicom.hostile_tasks:TASKS"
HERE = Path(__file__)


@pytest.fixture(scope="module")
def shared():
    """A pool of one child for tests that leave it as they found it, or that prove its recovery."""
    with Sandbox(size=1, tasks=TABLE, seconds=20) as sandbox:
        yield sandbox


@pytest.fixture
def answers(shared):
    """Proves afterwards that the pool still works."""
    yield shared
    assert shared.run(Hostile.ECHO, HERE, after=1).result["after"] == 1


def test_a_task_gets_its_arguments_and_gives_result_and_payload(shared):
    answer = shared.run(Hostile.ECHO, HERE, word="ö", times=2)

    assert answer.result["path"] == str(HERE)
    assert answer.result["word"] == "ö"
    assert answer.payload == b"\x00payload" * 2


def test_a_payload_larger_than_a_pipe_arrives_whole(shared):
    assert len(shared.run(Hostile.ECHO, HERE, times=1_000_000).payload) == 8_000_000


def test_a_request_larger_than_a_pipe_arrives_whole(shared):
    assert shared.run(Hostile.ECHO, HERE, text="x" * 1_000_000).result["text"] == "x" * 1_000_000


def test_a_child_serves_many_tasks(shared):
    assert shared.run(Hostile.ECHO, HERE).result["pid"] == shared.run(Hostile.ECHO, HERE).result["pid"]


def test_a_child_sees_no_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:secret@127.0.0.1/db")
    with Sandbox(size=1, tasks=TABLE) as sandbox:
        seen = sandbox.run(Hostile.ENVIRONMENT, HERE).result

    assert set(seen) <= {"PATH", "PYTHONPATH", "LANG", "LC_CTYPE", "OPENBLAS_NUM_THREADS"}


def test_a_hundred_gibibytes_are_refused(answers):
    with pytest.raises(SandboxRefused, match="MemoryError"):
        answers.run(Hostile.ALLOCATE, HERE, size=100 << 30)


def test_a_child_that_ran_out_of_memory_is_replaced(shared):
    before = shared.run(Hostile.ECHO, HERE).result["pid"]
    with pytest.raises(SandboxRefused):
        shared.run(Hostile.ALLOCATE, HERE, size=100 << 30)

    assert shared.run(Hostile.ECHO, HERE).result["pid"] != before


def test_an_endless_loop_is_ended(answers):
    answers.run(Hostile.ECHO, HERE)
    started = time.monotonic()

    with pytest.raises(SandboxTimedOut):
        answers.run(Hostile.SPIN, HERE, seconds=0.3)

    assert time.monotonic() - started < 5


def test_the_timed_out_child_is_gone(shared):
    pid = shared.run(Hostile.ECHO, HERE).result["pid"]
    with pytest.raises(SandboxTimedOut):
        shared.run(Hostile.NAP, HERE, seconds=0.2)

    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("task", [Hostile.KILLED, Hostile.LEAVE])
def test_a_child_that_ends_in_the_middle_of_a_task_is_replaced(answers, task):
    with pytest.raises(SandboxDied):
        answers.run(task, HERE)


def test_a_child_that_was_killed_while_idle_is_replaced_unseen(shared):
    pid = shared.run(Hostile.ECHO, HERE).result["pid"]
    os.kill(pid, 9)
    while ") Z " not in Path(f"/proc/{pid}/stat").read_text():
        time.sleep(0.01)

    assert shared.run(Hostile.ECHO, HERE).result["pid"] != pid


def test_garbage_in_the_pipe_is_no_answer(answers):
    with pytest.raises(SandboxDied):
        answers.run(Hostile.SPOIL, HERE)


def test_what_a_library_prints_does_not_mix_with_the_answers(answers):
    assert answers.run(Hostile.PRINT, HERE).result == {"quiet": True}


def test_a_child_cannot_write_a_large_file(answers, tmp_path):
    with pytest.raises(SandboxRefused, match="OSError"):
        answers.run(Hostile.WRITE, tmp_path / "large")


def test_a_refusal_does_not_carry_the_name_of_the_patient(shared, tmp_path):
    path = small.save(small.images()[0], tmp_path / "image.dcm")
    with pytest.raises(SandboxRefused) as refused:
        shared.run(Hostile.RAISE, path, message="can't parse Ärger^Jörg")

    assert refused.value.sentence == "ValueError: can't parse …"


def test_a_child_is_replaced_after_its_tasks():
    with Sandbox(size=1, tasks=TABLE, tasks_per_child=2) as sandbox:
        pids = [sandbox.run(Hostile.ECHO, HERE).result["pid"] for _ in range(3)]

    assert pids[0] == pids[1] != pids[2]


def test_a_child_that_keeps_memory_is_replaced():
    with Sandbox(size=1, tasks=TABLE, resident_bytes=200 << 20) as sandbox:
        pid = sandbox.run(Hostile.HOARD, HERE, size=300 << 20).result["pid"]

        assert sandbox.run(Hostile.ECHO, HERE).result["pid"] != pid


def test_a_pool_at_work_says_that_it_is_busy():
    with Sandbox(size=1, tasks=TABLE, wait_seconds=0.05) as sandbox:
        sandbox.run(Hostile.ECHO, HERE)
        thread = threading.Thread(target=sandbox.run, args=(Hostile.NAP, HERE))
        thread.start()
        time.sleep(0.2)
        with pytest.raises(SandboxBusy):
            sandbox.run(Hostile.ECHO, HERE)
        thread.join()


def test_threads_share_the_pool_and_no_answer_is_mixed_up():
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(20):
            answer = sandbox.run(Hostile.ECHO, HERE, number=number, turn=turn, times=number)
            if (answer.result["number"], answer.result["turn"], len(answer.payload)) != (number, turn, 8 * number):
                wrong.append(answer.result)

    with Sandbox(size=2, tasks=TABLE) as sandbox:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        alive = len(sandbox.process_ids())

    assert wrong == []
    assert alive <= 2


def test_closing_ends_every_child():
    sandbox = Sandbox(size=2, tasks=TABLE)
    sandbox.warm()
    pids = sandbox.process_ids()
    sandbox.close()

    assert len(pids) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_forked_copy_starts_children_of_its_own_and_leaves_the_others_alone(shared):
    pid = shared.run(Hostile.ECHO, HERE).result["pid"]
    read_end, write_end = os.pipe()
    forked = os.fork()
    if forked == 0:
        try:
            own = shared.run(Hostile.ECHO, HERE).result["pid"]
            shared.close()
            os.write(write_end, str(own).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    os.waitpid(forked, 0)
    with os.fdopen(read_end) as told:
        own = int(told.read())

    assert own != pid
    assert shared.run(Hostile.ECHO, HERE).result["pid"] == pid


def test_a_child_does_not_outlive_its_parent():
    program = (
        "import os, sys; from pathlib import Path; from overlays.dicom.sandbox import Sandbox;"
        "from tests.dicom.hostile_tasks import Hostile;"
        f"sandbox = Sandbox(size=1, tasks={TABLE!r});"
        "sandbox.run(Hostile.ECHO, Path('/')); os.write(1, b'%d' % sandbox.process_ids()[0]); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    with parent:
        pid = int(os.read(parent.stdout.fileno(), 20))
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not Path(f"/proc/{pid}").exists()
