"""What belongs to one checkout: its `.local` folder, its passwords, and the lock that only one launcher holds."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class CannotStart(Exception):
    """Why nothing was started; one sentence, fit to show to the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Random, one set for each folder; the letters are safe in a URL and in SQL."""

    superuser: str
    owner: str
    app: str
    valkey: str
    secret_key: str


def passwords(folder: Path) -> Passwords:
    """Read the folder's passwords, or make them."""
    path = folder / "passwords.json"
    with contextlib.suppress(FileNotFoundError):
        return Passwords(**json.loads(path.read_text()))
    made = Passwords(**{field.name: secrets.token_urlsafe(48) for field in fields(Passwords)})
    write_private(path, json.dumps(asdict(made)))
    return made


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone; whoever reads it finds the old text or the new."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.rename(path)


def local_folder(root: Path = ROOT) -> Path:
    """The checkout's own `.local`, which PostgreSQL's user may pass through but not list."""
    folder = root / ".local"
    folder.mkdir(exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise CannotStart(
            f"{folder} belongs to another user of this machine: run as that user, or delete the folder to start afresh."
        )
    folder.chmod(0o711)
    return folder


@contextlib.contextmanager
def lock(path: Path, *, shared: bool = False, wait: bool = False) -> Iterator[bool]:
    """Hold a lock for as long as the block runs, and say whether it was free. The kernel frees it when we are killed."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)
