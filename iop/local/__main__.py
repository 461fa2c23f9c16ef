"""The command line of the local servers: `python -m iop.local run`, `exec`, `browser`."""

import argparse
import os
import signal
import sys

from iop.local import browser, processes, servers, supervisor
from iop.local.checkout import CannotStart


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m iop.local")
    deeds = parser.add_subparsers(dest="deed", required=True)
    deeds.add_parser("run", help="serve the product at PORT (8000) until Ctrl-C")
    execute = deeds.add_parser("exec", help="run a command with DATABASE_URL and REDIS_URL set")
    execute.add_argument("--throwaway", action="store_true", help="servers of its own, removed when it ends")
    execute.add_argument("command", nargs="+", metavar="-- COMMAND")
    deeds.add_parser("browser", help="make sure that the journeys have a browser")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        if options.deed == "run":
            return supervisor.run()
        if options.deed == "browser":
            return browser.ensure()
        return run_command(options.command, throwaway=options.throwaway)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def run_command(command: list[str], *, throwaway: bool) -> int:
    """Run a command beside its servers and return its exit code."""
    with servers.throwaway_servers() if throwaway else servers.checkout_servers() as given:
        try:
            return processes.run_in_front(command, {"DEBUG": "1", **os.environ, **given})
        except FileNotFoundError:
            raise CannotStart(f"There is no command {command[0]!r}.") from None


def _leave(number: int, _frame: object) -> None:
    """End as the signal wants, but by an exception, so that the servers are stopped on the way out."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
