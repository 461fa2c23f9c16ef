"""The browser that the journeys drive: found, or installed where that is one command; otherwise said in a sentence."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from iop.local.checkout import CannotStart

NEEDED = ("chromium", "libatomic1")
CHROMIUM_NAMES = ("chromium", "google-chrome")


def ensure() -> int:
    """Leave with Chromium and libatomic (for Playwright's driver) in place, or say what to install."""
    if not missing():
        return 0
    if os.getuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *NEEDED]):
            subprocess.run(command, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if still := missing():
        raise CannotStart(
            f"The browser tests need {' and '.join(still)}. On Debian or Ubuntu: sudo apt-get install {' '.join(NEEDED)}. "
            "Elsewhere install Chromium or Google Chrome, or set CHROMIUM_PATH to its program."
        )
    return 0


def missing() -> list[str]:
    """Which of the two are not there."""
    found = {"chromium": _chromium() is not None, "libatomic1": _has_libatomic()}
    return [name for name in NEEDED if not found[name]]


def _chromium() -> str | None:
    named = os.environ.get("CHROMIUM_PATH")
    if named and not Path(named).is_file():
        raise CannotStart(f"CHROMIUM_PATH is {named}, and there is no such file.")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def _has_libatomic() -> bool:
    if os.uname().sysname != "Linux":
        return True  # only the Linux driver of Playwright links to it
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True
