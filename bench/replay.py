"""A replay of 100,000 stored assessments under a changed rule set, reading the rows included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from django.db import connection

from bench import processes, rows, web
from bench.people import invented
from bench.stage import Stage
from intake.models import Assessment
from programs.matching import default_engine

STORED, DIFFERENT = 100_000, 2000
SECONDS, MEGABYTES = 60, 1024
CHANGE = ("phq9 at least 20", "phq9 at least 22")


def measure(stage: Stage) -> Iterator[rows.Row]:
    stage.clinic  # noqa: B018 - the rows of the demo clinic stand in the database from here on
    store(Assessment.objects.filter(state=Assessment.State.SIGNED)[0])
    with TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.yaml"
        draft.write_text(default_engine().ruleset.text.replace(*CHANGE), encoding="utf-8")
        ran = processes.run("replay", str(draft), environment={"DATABASE_URL": web.database_url()})
    print(
        f"{'replay':<24} {STORED:,} stored assessments in {ran.seconds:.1f} s, {ran.cpu:.1f} s of CPU, at most {ran.most_mb:.0f} MB"
    )
    yield rows.at_most(f"replay of {STORED:,} stored", "s", round(ran.seconds, 1), budget=SECONDS)
    yield rows.at_most(f"replay of {STORED:,} stored", "MB", round(ran.most_mb), budget=MEGABYTES)


def store(like: Assessment) -> None:
    """Signed assessments with a recommendation each; the results are left out, for a replay does not read them."""
    first = Assessment.objects.order_by("-pk")[0].pk + 1
    texts = [json.dumps(document).replace("\\", "\\\\") for document in invented(DIFFERENT)]
    signed = (
        like.state,
        like.started_at,
        like.signed_at,
        like.signature,
        like.content_hash,
        like.owner_id,
        like.signed_by_id,
        like.patient_id,
    )
    copy(
        "intake_assessment (id, public_id, state, started_at, signed_at, signature, content_hash, owner_id, signed_by_id, patient_id)",
        ((first + number, uuid4(), *signed) for number in range(STORED)),
    )
    copy(
        "programs_recommendation (public_id, facts, ruleset_version, result, content_hash, made_at, assessment_id)",
        (
            (uuid4(), texts[number % DIFFERENT], "bench", "{}", "", like.signed_at, first + number)
            for number in range(STORED)
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copy(table: str, lines: Iterator[tuple[object, ...]]) -> None:
    """In parts, for a statement has a time limit."""
    with connection.cursor() as cursor:
        while part := list(islice(lines, 10_000)):
            text = StringIO("".join("\t".join(map(str, line)) + "\n" for line in part))
            cursor.copy_expert(f"COPY {table} FROM STDIN", text)
