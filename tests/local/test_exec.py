"""`python -m iop.local exec`: servers for one command."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.local.checkouts import Checkout, all_gone, descendants, is_alive, read_until, with_psql


@pytest.mark.fault
@pytest.mark.parametrize("mode", [0o700, 0o711], ids=["closed to others", "open to others"])
def test_throwaway_gives_servers_returns_the_exit_code_and_leaves_no_folder(checkout: Checkout, mode: int):
    temporary = Path(tempfile.mkdtemp())  # not tmp_path, whose parents are closed to root's other users
    temporary.chmod(mode)
    script = (
        "import os, sys, psycopg2, redis\n"
        "with psycopg2.connect(os.environ['DATABASE_URL']) as db, db.cursor() as cursor:\n"
        "    cursor.execute(\"select current_user, rolsuper, rolcreatedb, current_setting('fsync') from pg_roles where rolname = current_user\")\n"
        "    print(*cursor.fetchone())\n"
        "print(redis.from_url(os.environ['REDIS_URL']).ping(), sys.argv[1:])\n"
        "sys.exit(7)\n"
    )

    code, output = checkout.execute(sys.executable, "-c", script, "--", "-x", throwaway=True, TMPDIR=str(temporary))

    assert output.splitlines() == ["iop_owner False True off", "True ['--', '-x']"]
    assert code == 7
    temporary.rmdir()  # empty again
    assert not checkout.local.exists()


def test_urls_of_the_environment_win_and_start_nothing(checkout: Checkout, tmp_path: Path):
    given = {
        "DATABASE_URL": "postgres://a:b@elsewhere:1/c",
        "REDIS_URL": "redis://elsewhere:2/0",
        "TMPDIR": str(tmp_path),
    }

    code, output = checkout.execute(
        "bash", "-c", "echo $DATABASE_URL $REDIS_URL; ls -d $TMPDIR/*/pg18", throwaway=True, **given
    )

    assert output.splitlines()[0] == "postgres://a:b@elsewhere:1/c redis://elsewhere:2/0"
    assert "No such file" in output
    assert code != 0


@pytest.mark.fault
def test_data_is_kept_when_postgres_and_valkey_are_killed(checkout: Checkout):
    checkout.local.mkdir()
    (checkout.local / "pg18.new").mkdir()
    (checkout.local / "pg18.new" / "half").write_text("an initdb that was killed")
    write = (
        "import os, signal, psycopg2, redis, pathlib\n"
        "db = psycopg2.connect(os.environ['DATABASE_URL'])\n"
        "db.cursor().execute('create table kept as select 42 as answer')\n"
        "db.commit()\n"
        "queue = redis.from_url(os.environ['REDIS_URL'])\n"
        "queue.rpush('queue', 'work')\n"
        "queue.execute_command('WAITAOF', 1, 0, 0)\n"
        "for file in ('pg18/postmaster.pid', 'valkey.pids/valkey'):\n"
        "    os.kill(int(pathlib.Path('.local', file).read_text().split()[0]), signal.SIGKILL)\n"
    )
    read = (
        "import os, psycopg2, redis\n"
        "cursor = psycopg2.connect(os.environ['DATABASE_URL']).cursor()\n"
        "cursor.execute('select answer from kept')\n"
        "print(cursor.fetchone()[0], redis.from_url(os.environ['REDIS_URL']).lrange('queue', 0, -1))\n"
    )

    assert checkout.execute(sys.executable, "-c", write) == (0, "")

    assert checkout.execute(sys.executable, "-c", read) == (0, "42 [b'work']")


@pytest.mark.fault
def test_a_pid_file_that_names_a_stranger_stops_neither_us_nor_the_stranger(checkout: Checkout):
    checkout.sql("select 1")
    stranger = subprocess.Popen(["sleep", "60"])
    zombie = subprocess.Popen(["true"])  # not waited for
    try:
        for pid in (stranger.pid, zombie.pid):
            pid_file = checkout.local / "pg18" / "postmaster.pid"
            pid_file.write_text(f"{pid}\n{pid_file.parent}\n1700000000\n5432\n\n127.0.0.1\n\nready\n")
            (checkout.local / "valkey.pids" / "valkey").write_text(f"{pid} 127.0.0.1:6379")
            assert checkout.sql("select 2") == "2"
        assert is_alive(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()
        zombie.wait()


@pytest.mark.fault
def test_two_checkouts_run_side_by_side_each_with_its_own_data(checkout: Checkout, tmp_path: Path):
    other = Checkout(tmp_path / "another")
    first = checkout.launch("exec", "--", "bash", "-c", "echo up $DATABASE_URL; sleep 60")
    second = other.launch("exec", "--", "bash", "-c", "echo up $DATABASE_URL; sleep 60")
    try:
        urls = {read_until(launcher, "up ").strip() for launcher in (first, second)}
        assert len(urls) == 2
        checkout.sql("create table here as select 1 as one")  # joins the first
        assert other.sql("select to_regclass('here') is null") == "t"
    finally:
        for launcher in (first, second):
            launcher.terminate()
            launcher.communicate(timeout=30)


@pytest.mark.fault
def test_a_second_command_joins_the_servers_and_may_outlast_the_first(checkout: Checkout):
    first = checkout.launch("exec", "--", "bash", "-c", "echo up $DATABASE_URL; sleep 60")
    url = read_until(first, "up ").split()[1]
    second = checkout.launch(
        "exec",
        "--",
        "bash",
        "-c",
        'echo up $DATABASE_URL; sleep 1.5; psql -At "$DATABASE_URL" -c "select 3"',
        PATH=with_psql(),
    )
    assert read_until(second, "up ").split()[1] == url

    first.send_signal(signal.SIGTERM)

    assert second.communicate(timeout=20)[0].strip() == "3"
    first.communicate(timeout=20)
    assert first.returncode == 128 + signal.SIGTERM


@pytest.mark.fault
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the servers of a killed launcher at once")
def test_a_killed_launcher_takes_command_and_servers_with_it(checkout: Checkout):
    launcher = checkout.launch("exec", "--", "bash", "-c", "echo up; sleep 60")
    read_until(launcher, "up")
    below = descendants(launcher.pid)
    launcher.kill()
    launcher.communicate(timeout=5)
    started = time.monotonic()

    assert len(below) > 4
    assert all_gone(below, 10), f"{time.monotonic() - started:.1f} s later still alive"
    assert checkout.sql("select 5") == "5"
