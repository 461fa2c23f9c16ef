"""A person's own sessions: the next one, a week, the hours of a week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext

from intake.models import Patient
from programs.models import Level
from scheduling.models import Enrollment, Reply, Session

# The least that the level asks for (DOMAIN 1.1); a level without a number shows no hours.
HOURS_NEEDED = {Level.IOP: 9, Level.PHP: 20}
WEEK = timedelta(days=7)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session as one person sees it: on their clock, with what they said about coming."""

    session: Session
    zone: ZoneInfo
    answer: str
    now: datetime

    @property
    def starts_at(self) -> datetime:
        return self.session.starts_at.astimezone(self.zone)

    @property
    def ends_at(self) -> datetime:
        return self.session.ends_at.astimezone(self.zone)

    @property
    def is_on(self) -> bool:
        return self.session.starts_at <= self.now < self.session.ends_at

    @property
    def days_ahead(self) -> int:
        """Nights until then, as people count days."""
        return (self.starts_at.date() - self.now.astimezone(self.zone).date()).days

    @property
    def can_answer(self) -> bool:
        return self.session.canceled_at is None and self.now < self.session.starts_at

    @property
    def counts(self) -> bool:
        """Still planned, and the person has not said that they can't come."""
        return self.session.canceled_at is None and self.answer != Reply.Answer.CANNOT

    @property
    def hours(self) -> float:
        return (self.session.ends_at - self.session.starts_at) / timedelta(hours=1)

    @property
    def place(self) -> str:
        """Where and with whom, in one line: "Room 2 · Dana K."."""
        where = gettext("Online") if self.session.is_online else str(self.session.room or "")
        return " · ".join(part for part in (where, str(self.session.facilitator or "")) if part)

    @property
    def address(self) -> str:
        """The room and the street of a session on site."""
        street = self.session.cohort.location.street
        return f"{self.session.room}, {street}" if self.session.room else street

    @property
    def panel(self) -> str:
        """The state of ui/next_session."""
        if not self.can_answer:
            return "plain"
        return "confirmed" if self.answer == Reply.Answer.COMING else "ask"

    @property
    def status(self) -> str:
        """The status of ui/session_card; nothing is claimed about a session that is over."""
        if self.session.canceled_at is not None:
            return "canceled"
        if self.answer:
            return "confirmed" if self.answer == Reply.Answer.COMING else "cannot_come"
        return "please_confirm" if self.can_answer else ""


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    meetings: list[Meeting]
    today: date

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @property
    def is_past(self) -> bool:
        return self.on < self.today

    @property
    def planned(self) -> int:
        return sum(meeting.session.canceled_at is None for meeting in self.meetings)


@dataclass(frozen=True, slots=True)
class Week:
    days: list[Day]
    starts_on: date
    first_weekday: int

    @property
    def slug(self) -> str:
        return slug_of(self.starts_on, self.first_weekday)

    @property
    def previous(self) -> str:
        return slug_of(self.starts_on - WEEK, self.first_weekday)

    @property
    def following(self) -> str:
        return slug_of(self.starts_on + WEEK, self.first_weekday)

    @property
    def weeks_ahead(self) -> int:
        """0 is this week, 1 the next, -1 the last."""
        return (self.starts_on - week_start(self.days[0].today, self.first_weekday)) // WEEK

    @property
    def hours(self) -> float:
        return sum(meeting.hours for day in self.days for meeting in day.meetings if meeting.counts)


def to_monday(first_weekday: int) -> timedelta:
    """From a week's first day to its Monday."""
    return timedelta(days=-first_weekday % 7)


def week_start(day: date, first_weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - first_weekday) % 7)


def slug_of(starts_on: date, first_weekday: int) -> str:
    """The ISO week of the Monday in a week: "2026-W11", whatever day the clinic's weeks begin with."""
    year, week, _ = (starts_on + to_monday(first_weekday)).isocalendar()
    return f"{year}-W{week:02}"


def week_of_slug(slug: str, first_weekday: int) -> date | None:
    """The first day of a week named in an address; None when there is no such week."""
    try:
        monday = datetime.strptime(f"{slug}-1", "%G-W%V-%u").replace(tzinfo=UTC).date()
        starts_on = monday - to_monday(first_weekday)
        # Weeks at the very ends of the calendar have neighbors that no date can name.
        starts_on - 2 * WEEK, starts_on + 2 * WEEK
    except (ValueError, OverflowError):
        return None
    # A year of 52 weeks takes its 53rd for the first of the next.
    return starts_on if slug_of(starts_on, first_weekday) == slug else None


def sessions_of(patient: Patient) -> QuerySet[Session]:
    """The sessions of the cohorts in which a person has a seat, from the day they got it; with their answer."""
    seat = Enrollment.objects.active().filter(
        patient=patient, cohort=OuterRef("cohort"), enrolled_at__lt=OuterRef("during__endswith")
    )
    answer = Reply.objects.filter(session=OuterRef("pk"), patient=patient).values("answer")
    rows = Session.objects.filter(Exists(seat)).select_related("cohort__location", "room", "facilitator")
    return rows.annotate(answer=Subquery(answer)).order_by("during", "pk")


def meeting_of(session: Session, patient: Patient, now: datetime) -> Meeting:
    answer: str | None = session.answer  # type: ignore[attr-defined]
    return Meeting(session, session.zone_for(patient), answer or "", now)


def next_meeting(patient: Patient, now: datetime) -> Meeting | None:
    """The session that is on, or the next one at which the person is expected."""
    cannot = Q(answer=Reply.Answer.CANNOT)
    ahead = sessions_of(patient).filter(during__endswith__gt=now, canceled_at__isnull=True)
    found = ahead.filter(~cannot | Q(answer__isnull=True)).first()
    return meeting_of(found, patient, now) if found else None


def canceled_soon(patient: Patient, now: datetime) -> list[Meeting]:
    """What the clinic canceled in the seven days ahead."""
    rows = sessions_of(patient).filter(
        canceled_at__isnull=False, during__startswith__gt=now, during__startswith__lt=now + WEEK
    )
    return [meeting_of(session, patient, now) for session in rows[:5]]


def week(patient: Patient, starts_on: date, first_weekday: int, now: datetime) -> Week:
    """Seven days by the person's clocks; each session stands on the day that its own clock shows."""
    today = now.astimezone(ZoneInfo(patient.location.zone)).date()
    midnight = datetime.combine(starts_on, time(0), tzinfo=UTC)
    # A day more at both ends, since no clock is further from UTC than that.
    rows = sessions_of(patient).filter(
        during__startswith__gte=midnight - A_DAY, during__startswith__lt=midnight + WEEK + A_DAY
    )
    by_day: dict[date, list[Meeting]] = {}
    for meeting in (meeting_of(session, patient, now) for session in rows):
        by_day.setdefault(meeting.starts_at.date(), []).append(meeting)
    days = [starts_on + timedelta(days=n) for n in range(7)]
    return Week([Day(day, by_day.get(day, []), today) for day in days], starts_on, first_weekday)


def hours_needed(patient: Patient) -> int:
    """The weekly hours of the person's level of care; 0 when it has no number, or there is no seat."""
    rows: Iterable[str] = (
        Enrollment.objects.active().filter(patient=patient).values_list("cohort__program__level", flat=True)
    )
    return max((HOURS_NEEDED.get(Level(level), 0) for level in rows), default=0)


def own_meeting(patient: Patient, public_id: UUID, now: datetime) -> Meeting | None:
    """One of the person's own sessions; None for anybody else's."""
    found = sessions_of(patient).filter(public_id=public_id).first()
    return meeting_of(found, patient, now) if found else None
