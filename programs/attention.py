"""What of the catalog needs somebody's attention: the cards of the admin's first page, and the lists behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from programs.models import Accreditation, Cohort, Credential, Program, PublicState

SOON: Final = timedelta(days=21)
EXPIRING: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at: what it is called, and which rows it is about at this moment."""

    title: str
    rows: Callable[[datetime], QuerySet[Any]]


def below_minimum(now: datetime) -> QuerySet[Cohort]:
    """Published cohorts that start in 21 days and have fewer people than they need to run."""
    today = now.date()
    held = Q(enrollments__state="held", enrollments__held_until__gt=now)
    taken = Count("enrollments", filter=Q(enrollments__state="active") | held)
    soon = Cohort.objects.filter(state=PublicState.PUBLISHED, starts_on__gte=today, starts_on__lte=today + SOON)
    return soon.annotate(people=taken).filter(people__lt=F("seats_least"))


def led_by_nobody(now: datetime) -> QuerySet[Cohort]:
    """Published cohorts with sessions ahead that nobody leads."""
    return (
        running(now)
        .filter(
            sessions__canceled_at__isnull=True, sessions__facilitator__isnull=True, sessions__during__startswith__gt=now
        )
        .distinct()
    )


def led_with_expired(now: datetime) -> QuerySet[Cohort]:
    """Published cohorts led by somebody whose newest credential of a kind and state is past its last day."""
    expired = newest_credentials().filter(last__lt=now.date()).values("user")
    return running(now).filter(Q(facilitator__in=expired) | Q(co_facilitators__in=expired)).distinct()


def running(now: datetime) -> QuerySet[Cohort]:
    return Cohort.objects.filter(state=PublicState.PUBLISHED, ends_on__gt=now.date())


def in_review(_now: datetime) -> QuerySet[Cohort]:
    return Cohort.objects.filter(state=PublicState.IN_REVIEW)


def newest_credentials() -> QuerySet[Any, Any]:
    """For each person, kind and state, the last day of the newest credential."""
    return Credential.objects.order_by().values("user", "kind", "state").annotate(last=Max("expires_on"))


def expiring_credentials(now: datetime) -> QuerySet[Credential]:
    """Credentials that end within 60 days, or have ended, and were not renewed."""
    later = Credential.objects.filter(
        user=OuterRef("user"), kind=OuterRef("kind"), state=OuterRef("state"), expires_on__gt=OuterRef("expires_on")
    )
    ending = Credential.objects.filter(expires_on__lte=now.date() + EXPIRING, user__is_active=True)
    return ending.filter(~Exists(later))


def expiring_accreditations(now: datetime) -> QuerySet[Accreditation]:
    later = Accreditation.objects.filter(
        program=OuterRef("program"), body=OuterRef("body"), expires_on__gt=OuterRef("expires_on")
    )
    ending = Accreditation.objects.filter(expires_on__lte=now.date() + EXPIRING, program__state=PublicState.PUBLISHED)
    return ending.filter(~Exists(later))


def programs_in_review(_now: datetime) -> QuerySet[Program]:
    return Program.objects.filter(state=PublicState.IN_REVIEW)


def programs_expiring(now: datetime) -> QuerySet[Program]:
    return Program.objects.filter(accreditations__in=expiring_accreditations(now)).distinct()


COHORTS: Final[Mapping[str, Attention]] = {
    "below_minimum": Attention("Cohorts that start in 21 days with too few people", below_minimum),
    "led_by_nobody": Attention("Cohorts with sessions without a facilitator", led_by_nobody),
    "led_with_expired": Attention("Cohorts led with an expired credential", led_with_expired),
    "in_review": Attention("Cohorts that wait for a second person", in_review),
}
PROGRAMS: Final[Mapping[str, Attention]] = {
    "in_review": Attention("Programs that wait for a second person", programs_in_review),
    "accreditation": Attention("Programs whose accreditation ends in 60 days", programs_expiring),
}
CREDENTIALS: Final[Mapping[str, Attention]] = {
    "expiring": Attention("Credentials that end in 60 days or have ended", expiring_credentials),
}
