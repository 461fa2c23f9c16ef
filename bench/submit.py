"""A whole questionnaire sent with Continue: nine answers, all of them changed."""

from __future__ import annotations

from collections.abc import Iterator

from bench import rows, web
from bench.clinic import address
from bench.stage import Stage


def measure(stage: Stage) -> Iterator[rows.Row]:
    site, path = stage.site, address(stage.clinic.full, "mood/1/")
    revision = stage.clinic.full.responses.get(code="phq9").revision

    def product(number: int) -> web.Answer:
        nonlocal revision
        answers = {f"phq9_{item}": (number + item) % 4 for item in range(1, 9)} | {"phq9_9": 0}
        data = {"revision": revision, "asked": list(answers), **answers}
        answer = site.post(path, data, **stage.counting)
        revision += 1
        return stage.expect(answer, 302)

    compared = web.compare(site, product, stage.floor)
    stage.tell("submit", compared)
    yield rows.beside("submit a questionnaire", web.UNIT, compared.product.cpu, compared.floor.cpu, budget=3.5)
