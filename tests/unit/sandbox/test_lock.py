"""The lock: what a hostile file might try fails, and the same attempts succeed where there is no lock."""

from __future__ import annotations

import errno
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rai_dash.core.errors import WorkerFailed
from rai_dash.sandbox import landlock, selftest
from rai_dash.sandbox.client import Child
from rai_dash.sandbox.lock import NOT_LOCKED, Level
from rai_dash.sandbox.syscalls import AARCH64, PROCESSORS, X86_64

pytestmark = pytest.mark.usefixtures("kind")
REPO = Path(__file__).resolve().parents[3]
NOBODY = 65534

can_lock = pytest.mark.skipif(
    landlock.version() < 6 or platform.machine() not in PROCESSORS,
    reason="this kernel has no Landlock with scopes (Linux 6.12), or the processor has no table",
)


def run_python(code: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, **options
    )


@can_lock
def test_a_fully_locked_process_is_blocked_at_everything():
    assert selftest.try_level(Level.FULL).open == ()


@can_lock
def test_without_landlock_only_reading_is_left_open():
    found = selftest.try_level(Level.SECCOMP)

    assert set(found.open) == {"read a foreign file", "list a foreign folder", "read a system file"}
    assert not selftest.must_be_blocked(Level.SECCOMP) & set(found.open)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no separate process on Windows")
def test_without_a_lock_the_attempts_get_through_so_the_self_test_can_fail():
    found = selftest.try_level(Level.PROCESS)

    assert {"read a foreign file", "fork", "connect", "start a program", "become another program"} <= set(
        found.open
    )
    assert not selftest.must_be_blocked(Level.PROCESS) & set(found.open)


@can_lock
def test_this_machine_is_found_to_lock_fully_and_asked_only_once(monkeypatch):
    assert selftest.self_test().level is Level.FULL
    monkeypatch.setattr(selftest, "_run", lambda: pytest.fail("the self-test ran again"))
    assert selftest.self_test().level is Level.FULL


def test_a_level_that_lets_something_through_is_not_taken(monkeypatch):
    def pretend(level):
        if level is Level.FULL:
            return selftest.SelfTest(level, ("fork",))
        if level is Level.SECCOMP:
            msg = "no filter"
            raise WorkerFailed(msg)
        return selftest.SelfTest(level, ("fork", "connect"))

    monkeypatch.setattr(selftest, "try_level", pretend)

    found = selftest._run()

    assert found.level is Level.PROCESS
    assert "Open only files that you trust" in found.words
    assert "fork, connect" in found.words


@can_lock
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_the_lock_holds_for_an_ordinary_user(tmp_path):
    for name in ("secret", "spare"):
        (tmp_path / name).write_bytes(b"x")
        (tmp_path / name).chmod(0o777)
    tmp_path.chmod(0o777)
    code = f"""
import os, subprocess
from rai_dash.sandbox.attempts import ATTEMPTS, _is_blocked
from rai_dash.sandbox.limits import give_up
from rai_dash.sandbox.lock import Level, readable_places
readable_places()  # an ordinary user may not see root's Python
os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
given = dict(file={str(tmp_path / "secret")!r}, spare={str(tmp_path / "spare")!r}, folder={str(tmp_path)!r},
             program="/bin/sh", parent=os.getppid(), port=9, bytes=2 * 2**30)
subprocess.run(["/bin/true"], check=True)
give_up(memory_bytes=2**30, cpu_s=None, level=Level.FULL)
print([name for name in ATTEMPTS if not _is_blocked(name, given)], os.geteuid())
"""
    ran = run_python(code, cwd=REPO)

    assert ran.stdout.split() == ["[]", str(NOBODY)], ran.stderr


@can_lock
def test_a_process_that_cannot_lock_itself_answers_nothing():
    code = (
        "import sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(5,), daemon=True).start()\n"
        "from rai_dash.sandbox import child\n"
        "import os; os._exit(child.main(['3', '0', '0', 'full']))"
    )
    assert run_python(code, cwd=REPO).returncode == NOT_LOCKED


def test_the_end_of_a_process_without_a_lock_is_told_apart(monkeypatch):
    with Child() as child:
        monkeypatch.setattr("rai_dash.sandbox.client.NOT_LOCKED", 3)
        with pytest.raises(WorkerFailed) as caught:
            child.call("rai_dash.sandbox.probes:crash", {"how": "exit"})
    assert caught.value.code == "not_locked"


@can_lock
def test_the_filter_answers_as_it_is_meant_to():
    numbers = PROCESSORS[platform.machine()].numbers
    code = f"""
import ctypes, os, resource, threading
from rai_dash.sandbox.seccomp import restrict_calls
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
restrict_calls()
def answer(number, *arguments):
    ctypes.set_errno(0)
    libc.syscall(number, *arguments)
    return ctypes.get_errno()
print(answer({numbers["clone3"]}, None, 0), answer({numbers["clone"]}, 17, None), answer({numbers["kill"]}, 1, 0))
print(answer({numbers["prlimit64"]}, 0, 7, None, None), answer({numbers["prlimit64"]}, os.getppid(), 7, None, None))
print(answer({numbers["prctl"]}, 1, 9), answer({numbers["prctl"]}, 15, b"name"))
print(answer({numbers["tgkill"]}, os.getpid(), threading.get_native_id(), 0), answer({numbers["tgkill"]}, 1, 1, 0))
print(answer(0x40000000 + {numbers["kill"]}, 1, 0) if {platform.machine() == "x86_64"} else {errno.EPERM})
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0, len(os.listdir("/")) > 0)
"""
    ran = run_python(code, cwd=REPO)

    refused = str(errno.EPERM)
    assert ran.stdout.split() == [
        *(str(errno.ENOSYS), refused, refused),
        *("0", refused),
        *(refused, "0"),
        *("0", refused),
        refused,
        *("True", "True"),
    ], ran.stderr


@pytest.mark.parametrize(
    ("processor", "header", "prefix"),
    [
        (X86_64, "x86_64-linux-gnu/asm/unistd_64.h", "__NR_"),
        (AARCH64, "asm-generic/unistd.h", "__NR(?:3264)?_"),
    ],
    ids=["x86-64", "aarch64"],
)
def test_the_numbers_are_the_kernel_s_own(processor, header, prefix):
    path = Path("/usr/include", header)
    if not path.exists():
        pytest.skip(f"{path} is not here (Debian: linux-libc-dev)")
    found = dict(re.findall(rf"#define {prefix}(\w+)\s+(\d+)\s*$", path.read_text(), re.MULTILINE))

    compared = {name: number for name, number in processor.numbers.items() if name in found}

    assert compared == {name: int(found[name]) for name in compared}
    assert len(compared) > 80


@can_lock
def test_a_locked_process_has_no_capability_left():
    with Child() as child:
        lines = child.call("rai_dash.sandbox.probes:status").data["status"].splitlines()
    found = dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    assert int(found["CapEff"], 16) == int(found["CapPrm"], 16) == 0
    assert found["NoNewPrivs"] == "1"
    assert found["Seccomp"] == "2"
