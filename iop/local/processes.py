"""Starting processes that do not outlive us, stopping them, and clearing away what an earlier launcher left."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1


def start(
    command: Sequence[str | Path], *, dies_by: signal.Signals = signal.SIGTERM, own_session: bool = True, **options: Any
) -> subprocess.Popen[bytes]:
    """
    Start a process in a session of its own, so that Ctrl-C reaches only the launcher.

    On Linux the kernel sends it `dies_by` when the launcher dies. It does so when the *thread* that started
    it ends: call this from the main thread only.
    """

    def die_with_parent() -> None:  # runs last in the child, after the change of user that would undo it
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, dies_by)

    return subprocess.Popen(command, start_new_session=own_session, preexec_fn=die_with_parent, **options)


def stop(process: subprocess.Popen[bytes], by: signal.Signals, grace: float) -> None:
    """Ask a process to end, and after `grace` seconds end it and all it started."""
    if process.poll() is None:
        process.send_signal(by)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    kill_session(process)


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process and its children; they share its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def command_of(pid: int) -> str:
    """The command line of a living process, its parts joined by spaces; empty when there is none, or a zombie."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            return ""
    found = subprocess.run(["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True)
    state, _, command = found.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else command.strip()


def end_by_pid(pid: int, is_ours: Callable[[str], bool], by: signal.Signals, grace: float) -> None:
    """Stop a process that is not our child, as long as its command line says that it is the one we mean."""
    for number, patience in ((by, grace), (signal.SIGKILL, 5.0)):
        if not is_ours(command_of(pid)):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        wait_until(lambda: not is_ours(command_of(pid)), patience)


def remember(notes: Path, name: str, process: subprocess.Popen[bytes], sign: str) -> None:
    """Note a started process for the next launcher; `sign` ends its command line and no other's."""
    notes.mkdir(exist_ok=True)
    (notes / name).write_text(f"{process.pid} {sign}")


def end_left_over(notes: Path, grace: float) -> None:
    """Stop what a killed launcher of this checkout left; a process that took over an old number is let be."""
    for note in sorted(notes.glob("*")):
        pid, _, sign = note.read_text().partition(" ")
        if pid.isdigit() and sign:
            end_by_pid(int(pid), _ends_with(sign), signal.SIGTERM, grace)
        note.unlink()


def _ends_with(sign: str) -> Callable[[str], bool]:
    return lambda command: command.endswith(sign)


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Look every 20 ms until something holds; False when it never did."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def came_up(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until a started server is ready; False when it ended first or took too long."""
    wait_until(lambda: process.poll() is not None or is_ready(), seconds)
    return process.poll() is None and is_ready()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def run_in_front(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """
    Run a command at our own terminal and return its exit code, as a shell would.

    Ctrl-C reaches the command by itself; SIGTERM and SIGHUP are passed on, since they reach only us.
    """
    running: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _frame: object) -> None:
        if running and number != signal.SIGINT:
            running[0].send_signal(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, pass_on) for number in numbers]
    try:
        running.append(start(command, own_session=False, env=dict(environment)))
        code = running[0].wait()
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def last_lines(log: IO[bytes] | Path, count: int = 5) -> str:
    """The end of a log, to stand under a sentence about what failed."""
    text = log.read_bytes() if isinstance(log, Path) else log.read()
    return "\n".join(text.decode(errors="replace").splitlines()[-count:])
