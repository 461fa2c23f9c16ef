"""A command of the product as a process of its own: what it took, and how much memory it held at most."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Ran:
    seconds: float
    cpu: float
    most_mb: float


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> Ran:
    """Run `manage.py` and go on only if it succeeds; what it prints is thrown away."""
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, ROOT / "manage.py", *arguments],
        stdout=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    most, ended = 0.0, 0
    while not ended:
        # Not ru_maxrss: a child starts with what its parent held.
        most = max(most, held_mb(process.pid))
        time.sleep(0.02)
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"manage.py {' '.join(arguments)} ended with {process.returncode}.")
    return Ran(time.perf_counter() - began, used.ru_utime + used.ru_stime, most)


def held_mb(pid: int) -> float:
    """The most that a process has held in memory so far; 0 once it has ended."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
