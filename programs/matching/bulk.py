"""Many documents at once, by column: checked as strictly as one by one, and several times as fast."""

from collections.abc import Sequence

import numpy as np

from .columns import Batch, layout
from .encoding import NO, YES, calendar_day
from .facts import answers_of, encoders


def encode(documents: Sequence[object]) -> Batch:
    """
    Check documents and put their answers into columns.

    Raises:
        FactError: some document does not keep to the dictionary; ``check`` says which, and what is wrong with it.
    """
    plan, size = layout(), len(documents)
    truths = np.repeat(np.array([plan.null_truths], dtype=np.uint8).T, size, axis=1)
    numbers = np.repeat(np.array([plan.null_numbers], dtype=np.int16).T, size, axis=1)
    rows, days = [], np.empty(size, dtype=np.int32)
    for person, document in enumerate(documents):
        as_of, answers = answers_of(document)
        days[person] = calendar_day(as_of, "as_of").toordinal()
        rows.append(list(map(answers.get, encoders())))  # person by person, as they lie in memory
    columns = zip(*rows, strict=True)  # none at all when there is nobody
    for (key, encoder), values in zip(encoders().items(), columns, strict=False):
        place = plan.places[key]
        (truths if place.in_truths else numbers)[place.rows] = encoder.many(values, days)
        if place.given >= 0:
            truths[place.given] = [NO if value is None else YES for value in values]
    return Batch(truths, numbers)
