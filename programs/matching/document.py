"""A rule set as it is written: YAML that remembers its lines, checked against the JSON schema."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .dictionary import dictionary
from .language import LanguageError, Scope
from .logic import Condition

RULES = Path(__file__).with_name("rules")
LARGEST = 500_000  # characters; the default rule set has a tenth of this

Path_ = tuple[str | int, ...]


class RuleSetError(ValueError):
    """A rule set that cannot be used; ``line`` is counted from 1, and ``reason`` is fit to show to a clinical lead."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"line {line}: {reason}")
        self.reason, self.line = reason, line


class Section:
    """One part of the document: its content, and where in the file it stands."""

    def __init__(self, content: Any, lines: dict[Path_, int], path: Path_ = ()) -> None:
        self.content, self._lines, self._path = content, lines, path

    def __getitem__(self, key: str | int) -> "Section":
        return Section(self.content[key], self._lines, (*self._path, key))

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def __iter__(self) -> Iterator["Section"]:
        """The entries of a list."""
        for position in range(len(self.content)):
            yield self[position]

    def items(self) -> Iterator[tuple[str, "Section"]]:
        for key in self.content:
            yield key, self[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.content.get(key, default)

    def optional(self, key: str) -> Iterator["Section"]:
        """The entries of a list that need not be there."""
        return iter(self[key]) if key in self else iter(())

    def text(self, key: str) -> str:
        return str(self.content.get(key, ""))

    def fact(self, key: str, *types: str) -> str:
        """
        The raw fact that is named under a key.

        Raises:
            RuleSetError: the dictionary has no such fact, or its type is another.
        """
        return self[key].fact_name(*types)

    def fact_name(self, *types: str) -> str:
        known = dictionary().get(self.content)
        if known is None or known.kind != "raw" or (types and known.type not in types):
            raise self.error(f"{self.content} is not a {' or '.join(types) or 'raw'} fact of the dictionary")
        return known.key

    @property
    def line(self) -> int:
        path = self._path
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def error(self, reason: str) -> RuleSetError:
        return RuleSetError(reason, self.line)

    def condition(self, key: str, scope: Scope) -> Condition:
        """The condition written under a key."""
        return self[key].meaning(scope)

    def meaning(self, scope: Scope, phrase: str = "{}") -> Condition:
        """The condition that stands here; ``phrase`` says what to ask where only a name stands."""
        try:
            return scope.meaning(phrase.format(self.content))
        except LanguageError as error:
            raise self.error(f"{error} (in: {self.content})") from error


def read(text: str) -> Section:
    """
    Read a document and check its shape.

    Raises:
        RuleSetError: it is not YAML, or does not keep to ``ruleset.schema.json``.
    """
    if len(text) > LARGEST:
        raise RuleSetError(f"the document is longer than {LARGEST} characters", 1)
    section = _parse(text)
    # Deep errors first: "not one of" deep inside says more than "does not fit" at the top.
    errors = sorted(_validator().iter_errors(section.content), key=lambda error: -len(error.absolute_path))
    if errors:
        where = tuple(errors[0].absolute_path)
        name = ".".join(str(step) for step in where) or "the document"
        raise RuleSetError(f"{name}: {errors[0].message[:300]}", Section(None, section._lines, where).line)
    return section


def _parse(text: str) -> Section:
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RuleSetError(f"not YAML: {error.problem}", mark.line + 1 if mark else 1) from error
    except yaml.YAMLError as error:
        raise RuleSetError(f"not YAML: {error}", 1) from error
    lines: dict[Path_, int] = {(): 1}
    return Section(_content(root, (), lines, set()), lines)


def _content(node: Any, path: Path_, lines: dict[Path_, int], met: set[int]) -> Any:
    if node is None:
        raise RuleSetError("the document is empty", 1)
    lines[path] = node.start_mark.line + 1
    if id(node) in met:
        # An alias can stand for a document of any size, and hides from a reader what a row says.
        raise RuleSetError("write the value out: aliases (*name) are not used in a rule set", lines[path])
    met.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_content(entry, (*path, position), lines, met) for position, entry in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        content: dict[str, Any] = {}
        for name, value in node.value:
            if name.value in content:
                raise RuleSetError(f"{name.value} stands twice", name.start_mark.line + 1)
            content[name.value] = _content(value, (*path, name.value), lines, met)
        return content
    return _scalar(node, lines[path])


def _scalar(node: yaml.ScalarNode, line: int) -> Any:
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        raise RuleSetError(f"cannot read {node.value!r}", line) from error


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator  # slow to import, and only needed when a rule set is read

    return Draft202012Validator(json.loads((RULES / "ruleset.schema.json").read_text(encoding="utf-8")))
