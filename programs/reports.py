"""
What became of recommendations: accepted, changed, referred or not ready, by rule, track, clinician and group. Writes nothing.

What counts. A recommendation over which somebody decided counts once, by its newest decision. Of those over
which nobody did, the newest of its intake counts as undecided; one that was worked out again before anybody decided
asks nobody for anything any more, and is not counted.

Small groups (EXPERIENCE 8.5). A row stands for at least 11 people. Smaller groups stand together in one row; so
that the total does not give one of them away, the next larger groups join them until that row has 11 people as
well. Inside a row a count may be small: it says what clinicians did, not what a person has, and a share without
its small side would be none. Each table is guarded by itself, not against what somebody could work out from two
periods or two tables: who may read this page may open each of these records by name.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q

from accounts.models import Location
from accounts.policies import Actor
from intake.models import Coverage, Language, Patient
from programs import queries, words
from programs.matching import default_engine
from programs.models import Decision, Recommendation, RuleSet
from programs.rulebook import content

FEWEST: Final = 11
ACCEPTED, CHANGED, REFERRED, NOT_READY, UNDECIDED = "Accepted", "Changed", "Referred", "Not ready", "Undecided"
OUTCOMES: Final[Mapping[str | None, str]] = {
    Decision.Choice.AGREE: ACCEPTED,
    Decision.Choice.OTHER_TRACK: CHANGED,
    Decision.Choice.OTHER_LEVEL: CHANGED,
    Decision.Choice.REFERRAL: REFERRED,
    Decision.Choice.NOT_READY: NOT_READY,
    None: UNDECIDED,
}
AGES: Final[Mapping[int, str]] = {0: "Under 18", 18: "18 to 25", 26: "26 to 39", 40: "40 to 59", 60: "60 and over"}


class Case(NamedTuple):
    """One recommendation that counts, with the little that is counted of it."""

    pk: int
    made_at: datetime
    version: str
    rule: str
    level_status: str
    level_rows: list[str]
    primary_track: str | None
    choice: str | None
    reason: str | None
    decided_by: int | None
    decided_by_name: str | None
    signed_by: int
    signed_by_name: str
    patient: int
    born_on: date
    sex: str
    language: str
    needs_interpreter: bool
    location: str
    is_insured: bool

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.choice]

    @property
    def track(self) -> str:
        """The track that was proposed; empty where none was, or several to pick from."""
        return self.primary_track or "" if self.level_status != "no_result" else ""


COLUMNS: Final = (
    "pk",
    "made_at",
    "ruleset_version",
    "rule",
    "level_status",
    "level_rows",
    "primary_track",
    "decisions__choice",
    "decisions__reason_code",
    "decisions__by",
    "decisions__by__name",
    "assessment__signed_by",
    "assessment__signed_by__name",
    "assessment__patient",
    "assessment__patient__born_on",
    "assessment__patient__sex_for_clinical_use",
    "assessment__patient__language",
    "assessment__patient__needs_interpreter",
    "assessment__patient__location__name",
    "is_insured",
)


def cases(actor: Actor, since: datetime | None, location: Location | None) -> list[Case]:
    """Every recommendation that counts, made since then, of people whom the actor may see: one query."""
    people = Patient.objects.visible_to(actor)
    if location is not None:
        people = people.filter(location=location)
    newer = Recommendation.objects.filter(assessment=OuterRef("assessment"), pk__gt=OuterRef("pk"))
    counted = Recommendation.objects.filter(
        Q(decisions__isnull=False) | ~Exists(newer), assessment__patient__in=people
    ).annotate(is_insured=Exists(Coverage.objects.live().filter(patient=OuterRef("assessment__patient"))))
    if since is not None:
        counted = counted.filter(made_at__gte=since)
    newest_decision = counted.order_by("pk", "-decisions__pk").distinct("pk")
    return [Case._make(row) for row in newest_decision.values_list(*COLUMNS).iterator()]


# ---- what cases are told apart by


def age_band(case: Case) -> int:
    """The lowest age of the band in which the person was on that day."""
    day, born = case.made_at.date(), case.born_on
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return list(AGES)[bisect(list(AGES), age) - 1]


def clinician(case: Case) -> tuple[str, int]:
    """Who decided; while nobody has, who signed the intake. The key keeps two of one name apart."""
    if case.decided_by is None:
        return (case.signed_by_name, case.signed_by)
    return (case.decided_by_name or "", case.decided_by)


def numbered(row: str) -> tuple[int, str]:
    """L9 before L10."""
    return (len(row), row)


@dataclass(frozen=True, slots=True)
class Grouping:
    """
    One way to tell cases apart: `keys` are the groups that a case stands in, `name` what a group is called.

    `part` is where the groups stand when the rules are read, for groups that are rows of the rules.
    """

    id: str
    title: str
    head: str
    keys: Callable[[Case], Iterable[Any]]
    name: Callable[[Any], str] = str
    order: Callable[[Any], Any] = lambda key: key
    about: str = ""
    part: str = ""
    columns: tuple[str, ...] = (ACCEPTED, CHANGED, REFERRED, NOT_READY, UNDECIDED)


GROUPINGS: Final = (
    Grouping(
        "rules",
        "Selection rules",
        "Rule",
        lambda case: [case.rule],
        order=numbered,
        part="selection",
        about="The rule that decided which track comes first. Where it proposes none there is nothing to accept: "
        "a track that a clinician chooses counts as changed, a referral elsewhere as referred.",
    ),
    Grouping(
        "levels",
        "Level of care rows",
        "Row",
        lambda case: case.level_rows or [""],
        lambda key: key or "No row held",
        order=numbered,
        part="levels",
        about="Every row that held for the person, so one recommendation can stand in several.",
    ),
    Grouping("versions", "Versions of the rules", "Version", lambda case: [case.version]),
    Grouping(
        "tracks",
        "Recommended tracks",
        "Track",
        lambda case: [case.track],
        lambda key: words.track_name(key) if key else "No single track proposed",
        order=lambda key: (not key, key),
    ),
    Grouping(
        "reasons",
        "Reasons given",
        "Reason",
        lambda case: [case.reason] if case.outcome not in {ACCEPTED, UNDECIDED} else [],
        lambda key: str(Decision.Reason(key).label),
        about="Whatever is not accepted has one.",
        columns=(CHANGED, REFERRED, NOT_READY),
    ),
    Grouping(
        "clinicians",
        "Clinicians",
        "Clinician",
        lambda case: [clinician(case)],
        lambda key: key[0],
        about="Who decided. What is undecided stands with who signed the intake.",
    ),
    Grouping("locations", "Locations", "Location", lambda case: [case.location]),
    Grouping("ages", "Age", "Age on that day", lambda case: [age_band(case)], lambda key: AGES[key]),
    Grouping(
        "sexes",
        "Sex for clinical use",
        "Sex",
        lambda case: [case.sex],
        lambda key: str(Patient.Sex(key).label) if key else "Not recorded",
    ),
    Grouping("languages", "Language", "Language", lambda case: [case.language], lambda key: str(Language(key).label)),
    Grouping(
        "interpreters",
        "Interpreter",
        "Interpreter",
        lambda case: [case.needs_interpreter],
        lambda key: "Needed" if key else "Not needed",
    ),
    Grouping(
        "coverage",
        "Coverage",
        "Coverage today",
        lambda case: [case.is_insured],
        lambda key: "On record" if key else "None on record",
    ),
)


# ---- counting


@dataclass(frozen=True, slots=True)
class Cell:
    """A count; `share` is its whole percent of what was decided, None where that says nothing."""

    label: str
    count: int
    share: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    people: int
    decided: int
    cells: list[Cell]
    says: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    grouping: Grouping
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Report:
    """`total` is None while fewer than 11 people would stand behind it; `rules` are where rows can be read."""

    is_empty: bool
    total: Row | None
    tables: list[Table]
    rules: RuleSet | None


def report(*, actor: Actor, since: datetime | None, location: Location | None = None) -> Report:
    """Two queries, whatever the rows; one more where this process has not read the published rules yet."""
    found = cases(actor, since, location)
    rules = queries.published_rules()
    is_empty = all(case.choice is None for case in found)
    if is_empty or people_in(found) < FEWEST:
        return Report(is_empty, None, [], rules)
    said = sentences(rules)
    tables = [table(grouping, found, said) for grouping in GROUPINGS]
    return Report(False, row("Everybody", found), tables, rules)


def sentences(rules: RuleSet | None) -> dict[str, str]:
    """What each row of the rules says: of the published ones, or of those that come along."""
    read = content(rules) if rules else default_engine().ruleset.content
    return {each["id"]: each["says"] for each in [*read["selection"]["rules"], *read["level_of_care"]["rows"]]}


def people_in(found: Iterable[Case]) -> int:
    return len({case.patient for case in found})


def table(grouping: Grouping, found: list[Case], said: Mapping[str, str]) -> Table:
    groups: dict[Any, list[Case]] = defaultdict(list)
    for case in found:
        for key in grouping.keys(case):
            groups[key].append(case)
    alone, together = tell_apart(groups)
    rows = [
        row(grouping.name(key), groups[key], grouping.columns, said.get(key, "") if grouping.part else "")
        for key in sorted(alone, key=grouping.order)
    ]
    if rows and together:
        rows.append(row("Smaller groups together", together, grouping.columns))
    return Table(grouping, rows)


def tell_apart(groups: Mapping[Any, list[Case]]) -> tuple[list[Any], list[Case]]:
    """The groups that may stand alone, and the cases of all others: of nobody, or of 11 people and more."""
    by_size = sorted(groups, key=lambda key: people_in(groups[key]), reverse=True)
    together: dict[int, Case] = {}
    while by_size and (people_in(groups[by_size[-1]]) < FEWEST or 0 < people_in(together.values()) < FEWEST):
        together.update((case.pk, case) for case in groups[by_size.pop()])
    return by_size, list(together.values())


def row(name: str, found: list[Case], columns: Iterable[str] = GROUPINGS[0].columns, says: str = "") -> Row:
    counts = Counter(case.outcome for case in found)
    decided = counts.total() - counts[UNDECIDED]
    cells = [
        Cell(column, counts[column], round(100 * counts[column] / decided) if decided and column != UNDECIDED else None)
        for column in columns
    ]
    return Row(name, people_in(found), decided, cells, says)
