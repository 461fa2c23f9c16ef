"""`manage.py recommend --batch`: everything about everybody, in the same memory for many lines as for few."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import processes, rows
from bench.people import invented
from bench.stage import Stage

FEW, MANY = 500, 5000


def measure(_stage: Stage) -> Iterator[rows.Row]:
    with TemporaryDirectory() as folder:
        few, many = (processes.run("recommend", "--batch", lines(Path(folder), count)) for count in (FEW, MANY))
    each = (many.cpu - few.cpu) / (MANY - FEW) * 1000
    print(
        f"{'batch':<24} {MANY} lines in {many.seconds:.1f} s, {1000 / each:.0f} people for a second of CPU, at most {many.most_mb:.0f} MB"
    )
    yield rows.at_most("batch, everything", "CPU ms/person", round(each, 2), budget=5)
    memory = (round(ran.most_mb) for ran in (many, few))
    yield rows.beside(f"batch of {MANY} beside {FEW}", "MB", *memory, budget=1.1)


def lines(folder: Path, count: int) -> str:
    file = folder / f"{count}.jsonl"
    file.write_text("".join(json.dumps(document) + "\n" for document in invented(count)), encoding="utf-8")
    return str(file)
