"""A checkout small enough to start in a second: the real launcher with an empty product around it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from iop.local.postgres import programs

LAUNCHER = Path(__file__).resolve().parents[2] / "iop" / "local"
FILES = {
    "manage.py": "import sys\nprint('manage.py', *sys.argv[1:])\n",
    "iop/__init__.py": "",
    "iop/settings.py": "SECRET_KEY = 'x' * 50\nUSE_TZ = True\n",
    "iop/wsgi.py": (
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Type', 'text/plain')])\n"
        "    return [b'alive']\n"
    ),
    "iop/celery.py": "import os\nfrom celery import Celery\napp = Celery('iop', broker=os.environ['REDIS_URL'])\n",
}
# What this process was given by the launcher above it must not reach the one under test.
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "DEBUG",
    "EMAIL_HOST",
    "EMAIL_PORT",
    "MAIL_SINK_LOG",
    "PORT",
    "DJANGO_SETTINGS_MODULE",
)


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        shutil.copytree(LAUNCHER, root / "iop" / "local", ignore=shutil.ignore_patterns("__pycache__"))

    @property
    def local(self) -> Path:
        return self.root / ".local"

    def launch(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        return subprocess.Popen(
            [sys.executable, "-m", "iop.local", *arguments],
            cwd=self.root,
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def execute(self, *command: str, throwaway: bool = False, **environment: str) -> tuple[int, str]:
        """Run `exec -- command` to its end; its exit code and all it printed."""
        options = ["--throwaway"] if throwaway else []
        launcher = self.launch("exec", *options, "--", *command, **environment)
        output, _ = launcher.communicate(timeout=60)
        return launcher.returncode, output.strip()

    def sql(self, statement: str) -> str:
        """Run one statement on the checkout's database, and return what psql says."""
        code, output = self.execute(
            "bash",
            "-c",
            'psql -X -At -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "$STATEMENT"',
            PATH=with_psql(),
            STATEMENT=statement,
        )
        assert code == 0, output
        return output

    @contextmanager
    def running(self, port: int) -> Iterator[subprocess.Popen[str]]:
        """`run`, from its welcome on; whatever is left is killed with the block."""
        launcher = self.launch("run", PORT=str(port))
        tree: set[int] = set()
        try:
            read_until(launcher, "Ctrl-C stops everything.")
            yield launcher
        finally:
            tree |= descendants(launcher.pid)
            if launcher.poll() is None:
                launcher.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    launcher.communicate(timeout=30)
            for pid in tree | {launcher.pid}:
                with suppress(ProcessLookupError):
                    if is_alive(pid):
                        os.kill(pid, signal.SIGKILL)


def with_psql() -> str:
    """PATH with the wheel's psql in front."""
    return f"{programs()}:{os.environ['PATH']}"


def read_until(launcher: subprocess.Popen[str], words: str) -> str:
    assert launcher.stdout
    seen = ""
    for line in launcher.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"It ended before it said {words!r}:\n{seen}")


def descendants(pid: int) -> set[int]:
    """All processes below this one (Linux)."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, look = set(), [pid]
    while look:
        children = parents.get(look.pop(), [])
        found.update(children)
        look.extend(children)
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def all_gone(pids: set[int], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(is_alive, pids))
