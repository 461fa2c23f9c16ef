"""How values stand in a cell and how they are read from it; what cannot be read gets a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from itertools import pairwise
from typing import Any, Final

from django.db.models import Model
from import_export.widgets import Widget

from accounts.models import STAFF_ROLES, User
from programs.models import Accreditation, Block, BlockKind, Payer, Room, Weekday

MEETING: Final = re.compile(
    r"(?P<day>[A-Za-z]+) (?P<at>\d{1,2}:\d{2}) (?P<minutes>\d{1,4}) (?P<kind>\w+) (?P<title>.+)"
)
ACCREDITED: Final = re.compile(r"(?P<body>\w+) (?P<number>.+) (?P<day>\d{4}-\d{2}-\d{2})")
DAYS: Final = {day.label: day.value for day in Weekday}


class Cell(Widget):
    """Text as it is."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return self.read(value or "", row or {})

    def read(self, text: str, row: dict[str, str]) -> Any:
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)


class Whole(Cell):
    """A whole number; an empty cell is no number where there may be none."""

    def read(self, text: str, row: dict[str, str]) -> int | None:
        if not text.strip():
            return None
        if not re.fullmatch(r"\d{1,5}", text.strip()):
            raise ValueError(f"“{text}” is not a whole number.")
        return int(text)


class YesNo(Cell):
    def read(self, text: str, row: dict[str, str]) -> bool:
        said = text.strip().lower()
        if said not in {"yes", "no"}:
            raise ValueError(f"“{text}” is neither yes nor no.")
        return said == "yes"

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "yes" if value else "no"


class Day(Cell):
    def read(self, text: str, row: dict[str, str]) -> date | None:
        return read_day(text) if text.strip() else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else f"{value:%Y-%m-%d}"


class OneOf(Cell):
    """One of some words."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self.words = words

    def read(self, text: str, row: dict[str, str]) -> str:
        return one_of(text.strip(), self.words)


class SomeOf(Cell):
    """Some of a list of words, with commas between them; without a list, any words."""

    def __init__(self, words: Sequence[str] | None = None) -> None:
        super().__init__()
        self.words = words

    def read(self, text: str, row: dict[str, str]) -> list[str]:
        said = parted(text, ",")
        return [one_of(word, self.words) for word in said] if self.words else said

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ", ".join(value or [])


class Named(Cell):
    """A row that exists, by its name."""

    def __init__(self, model: type[Model], name: str, what: str) -> None:
        super().__init__()
        self.model, self.name, self.what = model, name, what

    def read(self, text: str, row: dict[str, str]) -> Model:
        found = self.model._default_manager.filter(**{self.name: text.strip()}).first()
        if found is None:
            raise ValueError(f"There is no {self.what} “{text}”. Add it first, or correct the cell.")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(getattr(value, self.name))


class RoomThere(Cell):
    """A room by its name, at the location that the same row names."""

    def read(self, text: str, row: dict[str, str]) -> Room | None:
        if not text.strip():
            return None
        place = row.get("location", "").strip()
        found = Room.objects.filter(location__name=place, name=text.strip()).first()
        if found is None:
            raise ValueError(f"There is no room “{text}” at “{place}”. Name the location in the same row.")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value.name)


class Leader(Cell):
    """Somebody who works here, by email."""

    def read(self, text: str, row: dict[str, str]) -> User | None:
        return who_works_here([text.strip()])[0] if text.strip() else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value.email)


def one_of(word: str, words: Sequence[str]) -> str:
    if word not in words:
        raise ValueError(f"“{word}” is none of: {', '.join(words)}.")
    return word


def parted(text: str, by: str) -> list[str]:
    return [part.strip() for part in text.split(by) if part.strip()]


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"“{text}” is not a day. Write it as 2027-03-01.") from error


def read_days(text: str) -> list[date]:
    return sorted({read_day(part) for part in parted(text, ",")})


def who_works_here(emails: Iterable[str]) -> list[User]:
    wanted = [email.lower() for email in emails]
    rows = User.objects.filter(email__in=wanted, is_active=True, role_assignments__role__in=STAFF_ROLES)
    found = {user.email: user for user in rows}
    for email in wanted:
        if email not in found:
            raise ValueError(f"“{email}” is nobody who works here.")
    return [found[email] for email in wanted]


def read_leaders(text: str) -> list[User]:
    return who_works_here(parted(text, ","))


def read_payers(text: str) -> list[Payer]:
    names = parted(text, "\n")
    found = {payer.name: payer for payer in Payer.objects.filter(name__in=names)}
    for name in names:
        if name not in found:
            raise ValueError(f"There is no payer “{name}”. Add it first, or correct the cell.")
    return [found[name] for name in names]


def read_blocks(text: str) -> list[Block]:
    """Each line a meeting: Monday 17:30 90 group Skills group."""
    found = sorted((block(line) for line in parted(text, "\n")), key=began)
    for one, other in pairwise(found):
        if began(other) < began(one) + one.minutes:
            raise ValueError(f"The meetings {one} and {other} overlap.")
    return found


def began(each: Block) -> int:
    """The minute of the week."""
    return each.weekday * 1440 + each.starts.hour * 60 + each.starts.minute


def block(line: str) -> Block:
    said = MEETING.fullmatch(line)
    if said is None:
        raise ValueError(f"“{line}” is not a weekly meeting. Write it as: Monday 17:30 90 group Skills group")
    if said["day"] not in DAYS:
        raise ValueError(f"“{said['day']}” is not a day of the week.")
    try:
        starts = time.fromisoformat(said["at"].zfill(5))
    except ValueError as error:
        raise ValueError(f"“{said['at']}” is not a time. Write it as 17:30.") from error
    kind, minutes = one_of(said["kind"], BlockKind.values), int(said["minutes"])
    if not 15 <= minutes <= 480:
        raise ValueError(f"“{line}”: a meeting lasts 15 to 480 minutes.")
    if len(said["title"]) > 40:
        raise ValueError(f"“{said['title']}” is longer than 40 characters.")
    return Block(weekday=DAYS[said["day"]], starts=starts, minutes=minutes, kind=kind, title=said["title"])


def block_cell(each: Block) -> str:
    return f"{each.get_weekday_display()} {each.starts:%H:%M} {each.minutes} {each.kind} {each.title}"


def read_accreditations(text: str) -> list[Accreditation]:
    """Each line one: joint_commission JC-48210 2027-12-31."""
    found = []
    for line in parted(text, "\n"):
        said = ACCREDITED.fullmatch(line)
        if said is None or len(said["number"]) > 40:
            raise ValueError(f"“{line}” is not an accreditation. Write it as: joint_commission JC-48210 2027-12-31")
        body = one_of(said["body"], Accreditation.Body.values)
        found.append(Accreditation(body=body, number=said["number"], expires_on=read_day(said["day"])))
    return found


def accreditation_cell(each: Accreditation) -> str:
    return f"{each.body} {each.number} {each.expires_on:%Y-%m-%d}"


Reader = Callable[[str], list[Any]]
