"""One answer saved in the background, on a page of an intake that is answered to its end."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bench import rows, web
from bench.clinic import address
from bench.stage import Stage

PEER = 10  # the cheaper of two open-source records systems measured beside this floor
MOST_QUERIES = 5


def measure(stage: Stage) -> Iterator[rows.Row]:
    site, path = stage.site, address(stage.clinic.full, "mood/1/")
    revision = stage.clinic.full.responses.get(code="phq9").revision

    def product(number: int) -> web.Answer:
        nonlocal revision
        item = f"phq9_{number % 8 + 1}"
        data = {"revision": revision, "changed": item, item: number // 8 % 4}
        sent = site.post(path, data, X_Autosave="1", X_Sequence=str(stage.next()), **stage.counting)
        answer = stage.expect(sent, 200)
        revision = json.loads(answer.body)["revision"]
        return answer

    compared = web.compare(site, product, stage.floor)
    stage.tell("autosave", compared)
    yield rows.beside("autosave", web.UNIT, compared.product.cpu, compared.floor.cpu, budget=2.5, peer=PEER)
    with stage.counted():
        most, floor = max(product(number).queries for number in range(32)), stage.floor(0).queries
    yield rows.at_most("autosave", "queries", most, budget=MOST_QUERIES, floor=floor)
