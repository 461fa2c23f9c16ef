"""`python -m iop.local run`: all parts together, and none without the others."""

import os
import signal
import socket
import sys
import urllib.request

import pytest

from iop.local.processes import free_port
from tests.local.checkouts import Checkout, all_gone, descendants

pytestmark = pytest.mark.fault
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@linux
def test_run_serves_refuses_a_second_start_and_stops_all_on_ctrl_c(checkout: Checkout):
    port = free_port()
    with checkout.running(port) as launcher:
        below = descendants(launcher.pid)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.read() == b"alive"

        second = checkout.launch("run", PORT=str(free_port()))
        assert "already running" in second.communicate(timeout=10)[0]
        assert second.returncode == 1

        launcher.send_signal(signal.SIGINT)
        launcher.communicate(timeout=30)

    assert launcher.returncode == 0
    assert all_gone(below, 1)


@linux
def test_a_killed_launcher_leaves_nothing_and_the_next_one_starts(checkout: Checkout):
    port = free_port()
    with checkout.running(port) as launcher:
        below = descendants(launcher.pid)
        launcher.kill()
        launcher.communicate()
        assert all_gone(below, 20)

    with checkout.running(port) as again:
        again.send_signal(signal.SIGTERM)
        again.communicate(timeout=30)
    assert again.returncode == 0


@linux
def test_a_part_that_dies_brings_everything_down(checkout: Checkout):
    with checkout.running(free_port()) as launcher:
        below = descendants(launcher.pid)
        worker = int((checkout.local / "pids" / "worker").read_text().split()[0])
        os.kill(worker, signal.SIGKILL)
        output, _ = launcher.communicate(timeout=30)

    assert "worker has ended; stopping everything." in output
    assert launcher.returncode == 1
    assert all_gone(below, 1)


def test_a_taken_port_is_named_before_anything_starts(checkout: Checkout):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        launcher = checkout.launch("run", PORT=str(port))
        output, _ = launcher.communicate(timeout=10)

    assert (
        output.strip()
        == f"Port {port} is taken by another program. Stop it, or choose another: PORT={port + 1} make run"
    )
    assert launcher.returncode == 1
    assert not (checkout.local / "pg18").exists()


def test_a_port_that_is_no_number_is_answered_by_a_sentence(checkout: Checkout):
    output, _ = checkout.launch("run", PORT="eighty").communicate(timeout=10)

    assert output.strip() == "PORT is 'eighty'. Write a number from 1 to 65535."
