"""What differs between two versions of the rules, row by row, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from programs.matching.language import Compared, Joined, Phrase, parse
from programs.matching.numbers import comparisons, is_condition
from programs.rulewords import Path, key_words, number_words, place, plain, say, term

NAMES: Final = ("id", "code", "level")  # what an entry of a list is known by, when all of them have it
UNTOLD: Final = frozenset({"version", "schema"})  # a new version is what all of this is about


@dataclass(frozen=True, slots=True)
class Change:
    where: str
    what: str


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Everything that is not the same in two documents, in the order of the document."""
    return list(_Walk(before, after).of_mapping(before, after, (), ()))


class _Walk:
    """Goes through both documents side by side; a path is where one stands in each."""

    def __init__(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        self.before, self.after = before, after

    def of_any(self, old: Any, new: Any, was: Path, now: Path) -> Iterator[Change]:
        if old == new:
            return
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self.of_mapping(old, new, was, now)
        elif (
            isinstance(old, list) and isinstance(new, list) and any(isinstance(each, Mapping) for each in [*old, *new])
        ):
            yield from self.of_list(old, new, was, now)
        else:
            yield from (Change(place(self.after, now), what) for what in told(now, old, new))

    def of_mapping(self, old: Mapping[str, Any], new: Mapping[str, Any], was: Path, now: Path) -> Iterator[Change]:
        for key in [*old, *(key for key in new if key not in old)]:
            if not was and key in UNTOLD:
                continue
            if key not in new:
                yield Change(
                    place(self.before, (*was, key)), f"removed: {key_words(key)}, {whole((*was, key), old[key])}"
                )
            elif key not in old:
                yield Change(place(self.after, (*now, key)), f"added: {key_words(key)}, {whole((*now, key), new[key])}")
            else:
                yield from self.of_any(old[key], new[key], (*was, key), (*now, key))

    def of_list(self, old: list[Any], new: list[Any], was: Path, now: Path) -> Iterator[Change]:
        pairs = paired(old, new)
        for at, to in pairs:
            if at is None and to is not None:
                yield Change(place(self.after, now), f"added: {summary(new[to])}")
            elif to is None and at is not None:
                yield Change(place(self.before, was), f"removed: {summary(old[at])}")
            elif at is not None and to is not None:
                yield from self.of_any(old[at], new[to], (*was, at), (*now, to))
        order = [to for at, to in pairs if at is not None and to is not None]
        if order != sorted(order):
            yield Change(place(self.after, now), "the order of the rows is another")


def paired(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int | None, int | None]]:
    """The positions of what is the same entry in both lists: by its name, else by its place, else by being equal."""
    name = next((name for name in NAMES if _all_named(old, name) and _all_named(new, name)), None)
    if name is None and len(old) == len(new):
        return [(position, position) for position in range(len(old))]
    keys_old, keys_new = ([entry[name] if name else entry for entry in entries] for entries in (old, new))
    kept = [(at, keys_new.index(key) if key in keys_new else None) for at, key in enumerate(keys_old)]
    return [*kept, *((None, to) for to, key in enumerate(keys_new) if key not in keys_old)]


def _all_named(entries: Sequence[Any], name: str) -> bool:
    names = [entry.get(name) if isinstance(entry, Mapping) else None for entry in entries]
    return None not in names and len(set(map(str, names))) == len(names)


def told(path: Path, old: Any, new: Any) -> list[str]:
    """What happened to one value."""
    key = path[-1] if path else ""
    if is_condition(path):
        return condition_change(str(old), str(new))
    if key == "points":
        return [
            f"{number_words(old)} point{'' if old == 1 else 's'} become{'s' if old == 1 else ''} {number_words(new)}"
        ]
    if isinstance(new, str) and " " in new:
        return [f"the {key_words(key)} becomes “{new}”, and was “{old}”"]
    return [f"{key_words(key)}: {summary(old)} becomes {summary(new)}"]


def condition_change(old: str, new: str) -> list[str]:
    """The thresholds that moved; the whole condition where more than its numbers changed."""
    before, after = parse(old), parse(new)
    if without_numbers(before) != without_numbers(after):
        return [f"the condition becomes: {say(new)}. It was: {say(old)}"]
    return [
        f"threshold {', '.join(_numbers(was))} becomes {', '.join(_numbers(now))} ({term(now.name)})"
        for was, now in zip(comparisons(before), comparisons(after), strict=True)
        if was != now
    ]


def _numbers(compared: Compared) -> list[str]:
    return [number_words(operand) for operand in compared.operands if isinstance(operand, Decimal)]


def without_numbers(phrase: Phrase) -> Phrase:
    if isinstance(phrase, Joined):
        return replace(phrase, parts=tuple(without_numbers(part) for part in phrase.parts))
    if isinstance(phrase, Compared):
        operands = tuple(Decimal(0) if isinstance(each, Decimal) else each for each in phrase.operands)
        return replace(phrase, operands=operands)
    return phrase


def whole(path: Path, value: Any) -> str:
    return say(value) if is_condition(path) else summary(value)


def summary(value: Any) -> str:
    """A part of the document in a few words."""
    if isinstance(value, Mapping):
        named = [str(value[key]) for key in ("id", "says", "code", "level", "points") if key in value][:1]
        when = [say(value["when"])] if "when" in value else []
        return ", when ".join([*(plain(name).removesuffix(".") for name in named), *when]) or ", ".join(
            map(key_words, value)
        )
    if isinstance(value, list):
        return ", ".join(summary(each) for each in value) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, str) else number_words(value)
