"""Who an inquiry may be about: people registered here, and earlier inquiries, that look alike. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Right
from django.utils.translation import gettext as _

from accounts.policies import Actor
from intake.models import Inquiry, Patient
from intake.queries import plain

MOST: Final = 5
MOST_WORDS: Final = 8
LINE: Final = 10
DIGITS: Final = Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")


@dataclass(frozen=True, slots=True)
class LikePerson:
    patient: Patient
    reasons: str


@dataclass(frozen=True, slots=True)
class LikeInquiry:
    inquiry: Inquiry
    reasons: str


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """What the coordinator compares before registering; at most five of each."""

    people: Sequence[LikePerson]
    inquiries: Sequence[LikeInquiry]


def lookalikes(inquiry: Inquiry, actor: Actor) -> Lookalikes:
    """Two queries. Only whom this actor may see: nobody learns here that somebody is cared for elsewhere."""
    by_email = Q(email__iexact=inquiry.email) if inquiry.email else Q()
    keys = sort_keys(inquiry.who_needs_care)
    people = Patient.objects.visible_to(actor).alias(line=Right(DIGITS, LINE))
    by_line = Q(line=line_of(inquiry.phone)) if inquiry.phone else Q()
    people = people.filter(by_line | by_email | Q(sort_key__in=keys)).distinct().order_by("sort_key", "pk")
    # Inquiries are written by our forms alone, all numbers in one shape, so the index finds them.
    by_phone = Q(phone=inquiry.phone) if inquiry.phone else Q()
    named = Q(name_key=inquiry.name_key) if inquiry.name_key else Q()
    earlier = Inquiry.objects.visible_to(actor).filter(
        by_phone | by_email | named, received_at__lte=inquiry.received_at
    )
    return Lookalikes(
        [LikePerson(each, reasons(inquiry, each, has_name=each.sort_key in keys)) for each in people[:MOST]],
        [
            LikeInquiry(each, reasons(inquiry, each, has_name=bool(named) and each.name_key == inquiry.name_key))
            for each in earlier.exclude(pk=inquiry.pk).order_by("-received_at", "-pk")[:MOST]
        ],
    )


def reasons(inquiry: Inquiry, other: Patient | Inquiry, *, has_name: bool) -> str:
    """ "same phone number, same name"."""
    said = [
        (_("same phone number"), bool(inquiry.phone) and line_of(other.phone) == line_of(inquiry.phone)),
        (_("same email address"), bool(inquiry.email) and other.email.casefold() == inquiry.email.casefold()),
        (_("same name"), has_name),
    ]
    return ", ".join(words for words, holds in said if holds)


def line_of(phone: str) -> str:
    """The last ten digits: "+1 312-555-0177" and "312-555-0177" are one line."""
    return re.sub(r"\D", "", phone)[-LINE:]


def words_of(name: str) -> list[str]:
    """ "Núñez, Ana María" -> ["nunez", "ana", "maria"]."""
    return plain(name).replace(",", " ").replace(";", " ").split()


def name_key(name: str) -> str:
    """ "Núñez, Ana" and "Ana Nunez" -> "ana nunez"; a single word names nobody, so it has no key."""
    words = sorted(words_of(name))
    return " ".join(words)[:210] if len(words) > 1 else ""


def sort_keys(name: str) -> list[str]:
    """Every way in which the name may stand as a patient's `sort_key`: where the last name begins is not known."""
    words = words_of(name)[:MOST_WORDS]
    return [" ".join(words[cut:] + words[:cut]) for cut in range(len(words))] if len(words) > 1 else []
