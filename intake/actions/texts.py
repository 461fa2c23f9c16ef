"""Loading a clinic's own licensed wording of a questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from intake.instruments import TextPack
from intake.models import InstrumentText


@dataclass(frozen=True, slots=True)
class Loaded:
    """The wording as it is stored; `is_new` is False when the newest revision said just this already."""

    text: InstrumentText
    is_new: bool


@transaction.atomic(durable=True)
def load_text(*, pack: TextPack, at: datetime) -> Loaded:
    """Store a text pack as the next revision; intakes that were begun keep the wording they were begun with."""
    same = InstrumentText.objects.filter(code=pack.code, version=pack.version, language=pack.language)
    newest = same.order_by("-revision").first()
    said = {"license": pack.license, "source": pack.source, "body": dict(pack.body)}
    if newest is not None and all(getattr(newest, name) == value for name, value in said.items()):
        return Loaded(newest, is_new=False)
    text = InstrumentText.objects.create(
        code=pack.code,
        version=pack.version,
        language=pack.language,
        revision=newest.revision + 1 if newest else 1,
        loaded_at=at,
        **said,
    )
    return Loaded(text, is_new=True)
