"""`python -m bench [NAME ...]`: measure, print one table, write bench/results.json; 1 when a budget is exceeded."""

from __future__ import annotations

import importlib
import os
import pkgutil
import secrets
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bench
from bench import rows


def main(names: list[str]) -> int:
    if not Path("/proc/self/stat").exists():
        sys.exit("The benchmarks read what processes have used from /proc, which this system has not.")
    # A key of their own, long enough for the settings of production; the client and the server share it.
    os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.settings", "SECRET_KEY": secrets.token_urlsafe(64), "DEBUG": "1"}
    import django

    django.setup()
    from bench.stage import Stage

    with ExitStack() as stack:
        stage = Stage(stack)
        found = [row for module in measures(names) for row in module.measure(stage)]
    rows.write(found)
    print(f"\n{rows.table(found)}")
    return 0 if all(row.ok for row in found) else 1


def measures(names: list[str]) -> list[Any]:
    """The named benchmarks, or all: the modules of this folder that have a `measure`."""
    wanted = names or [module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__"]
    loaded = [importlib.import_module(f"bench.{name}") for name in wanted]
    return [module for module in loaded if hasattr(module, "measure")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
