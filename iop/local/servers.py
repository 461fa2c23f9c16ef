"""PostgreSQL and Valkey together, as environment variables: the checkout's own, or a pair for one command."""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from iop.local import postgres, valkey
from iop.local.checkout import CannotStart, local_folder, lock, passwords, write_private

LONGEST_START = 60  # seconds
THROWAWAY_PREFIX = "iop-throwaway-"
ABANDONED_AFTER = 3600  # seconds; a folder so old whose lock is free was left by a killed launcher


@contextlib.contextmanager
def checkout_servers() -> Iterator[dict[str, str]]:
    """The checkout's servers: started here, or joined when another launcher of this checkout runs them."""
    folder = local_folder()
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        with lock(folder / "lock") as ours:
            if ours:
                with owned_servers(folder) as environment:
                    yield environment
                    _let_joined_commands_finish(folder)
                return
        with lock(folder / "joined", shared=True, wait=True):
            if environment := _published(folder):
                yield environment | _given()
                return
        time.sleep(0.1)  # the other launcher is still starting, or already stopping: then the lock is ours next
    raise CannotStart("Another command of this checkout is starting its servers and has not finished in a minute.")


@contextlib.contextmanager
def owned_servers(folder: Path, **also: str) -> Iterator[dict[str, str]]:
    """Start what the environment does not name, and tell it (and `also`) to joiners; the caller holds the lock."""
    address = folder / "servers.json"
    address.unlink(missing_ok=True)
    with running(folder) as environment:
        environment |= also
        write_private(address, json.dumps(environment))
        try:
            yield environment
        finally:
            address.unlink(missing_ok=True)


def _published(folder: Path) -> dict[str, str]:
    """What the launcher that holds the lock has started; empty when it is not, or no longer, there to join."""
    try:
        environment: dict[str, str] = json.loads((folder / "servers.json").read_text())
    except FileNotFoundError:
        return {}
    return environment


def _let_joined_commands_finish(folder: Path) -> None:
    (folder / "servers.json").unlink()  # before waiting, so that none joins a server about to stop
    with lock(folder / "joined") as alone:
        if alone:
            return
    print("Waiting for the other commands that use this checkout's servers.", flush=True)
    with lock(folder / "joined", wait=True):
        pass


@contextlib.contextmanager
def throwaway_servers() -> Iterator[dict[str, str]]:
    """Servers in a temporary folder, fast and forgetful, gone with the block."""
    parent = Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=THROWAWAY_PREFIX, dir=parent)).resolve()
    folder.chmod(0o711)  # root's PostgreSQL runs as another user, who must pass through
    try:
        with lock(folder / "lock"), running(folder, throwaway=True) as environment:
            yield environment
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(THROWAWAY_PREFIX + "*"):
        with contextlib.suppress(OSError):  # another user's, or gone meanwhile
            if time.time() - folder.stat().st_mtime > ABANDONED_AFTER:
                with lock(folder / "lock") as abandoned:
                    if abandoned:
                        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(folder: Path, *, throwaway: bool = False) -> Iterator[dict[str, str]]:
    """DATABASE_URL, REDIS_URL and SECRET_KEY; a value that the environment gives wins, and its server is not started."""
    environment = _given()
    secrets = passwords(folder)
    with contextlib.ExitStack() as stack:
        if "DATABASE_URL" not in environment:
            environment["DATABASE_URL"] = stack.enter_context(
                postgres.running(folder, secrets, throwaway=throwaway)
            ).url
        if "REDIS_URL" not in environment:
            environment["REDIS_URL"] = stack.enter_context(valkey.running(folder, secrets.valkey, throwaway=throwaway))
        yield {"SECRET_KEY": secrets.secret_key} | environment


def _given() -> dict[str, str]:
    names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    return {name: os.environ[name] for name in names if os.environ.get(name)}
