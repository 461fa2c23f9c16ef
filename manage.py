#!/usr/bin/env python
"""Django's command line for Tideway."""

import os
import sys

# These read a file or their arguments and print. They serve nobody, so they need no secret, database or broker.
ALONE = {"recommend", "score"}
STAND_INS = {
    "DEBUG": "1",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iop.settings")
    if ALONE.intersection(sys.argv[1:2]):
        for name, value in STAND_INS.items():
            os.environ.setdefault(name, value)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
