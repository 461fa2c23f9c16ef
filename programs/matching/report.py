"""One person's output document, read off the columns (SEMANTICS S36, S52, S75, S81-S89, S93-S95)."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from .confidence import NOT_RATED, Basis
from .dictionary import dictionary
from .facts import Facts
from .gates import HOLD, STOPS_ENROLLMENT, STOPS_RECOMMENDATION, Gate
from .logic import Evaluation, Unknowns
from .reasons import reasons
from .ruleset import RuleSet, fired_codes
from .vocabulary import vocabulary

OUTPUT_SCHEMA = "iop.recommendation/1"
NOTHING_RATED = frozenset({"gate_open", "out_of_scope"})
APPLICABILITY = {"no_result": "undecided", "undetermined": "undecided", "no_placement": "offer_only"}


class Report:
    """Everything that is printed about one person of an evaluated batch."""

    def __init__(self, rules: RuleSet, see: Evaluation, person: int, facts: Facts) -> None:
        self.rules, self.see, self.person, self.facts = rules, see, person, facts

    def document(self, what_would_change: list[dict[str, Any]]) -> dict[str, Any]:
        output = {
            "schema": OUTPUT_SCHEMA,
            "as_of": self.facts.as_of.isoformat(),
            "status": "proposal",
            "ruleset_version": self.rules.version,
            "completeness": self.completeness,
            "safety": self.safety,
            "gate_summary": self.gate_summary,
            "gates": self.gates,
            "level_of_care": self.level,
            "tracks": self.tracks,
            "selection": self.selection,
            "confidence": self.confidence,
            "cautions": self.cautions,
            "routing": self.routing,
            "missing": self.missing,
            "what_would_change": what_would_change,
        }
        return {**output, "reasons": reasons(self.rules, self, output)}

    def _codes(self, rows: Any) -> list[str]:
        return sorted(fired_codes(rows, self.see, self.person))

    # -- Completeness and safety

    @cached_property
    def completeness(self) -> dict[str, Any]:
        battery, second_stage = self._codes(self.rules.battery), self._codes(self.rules.second_stage)
        complete = not (battery or second_stage or self.missing)
        return {
            "status": "complete" if complete else "incomplete",
            "battery_missing": battery,
            "second_stage_due": second_stage,
        }

    @cached_property
    def safety(self) -> dict[str, Any]:
        safety = self.rules.safety
        violence = ("no", "unknown", "yes")[self.see[safety.violence][self.person]]
        return {"level": safety.level(self.see, self.person), "violence": violence}

    # -- Gates

    @cached_property
    def gates(self) -> list[dict[str, Any]]:
        return [
            {
                "id": gate.id,
                "status": gate.words[self.see[gate][self.person]],
                "triggers": sorted(trigger.code for trigger in gate.fired(self.see, self.person)),
                "unknown": sorted(self._gate_needs[gate.id]),
                "blocks": gate.blocks,
            }
            for gate in self.rules.gates
        ]

    @cached_property
    def _gate_needs(self) -> dict[str, Unknowns]:
        return {gate.id: gate.unknown(self.see, self.person) for gate in self.rules.gates}

    @cached_property
    def open_gates(self) -> list[Gate]:
        return [gate for gate in self.rules.gates if self.see.fires(gate.open, self.person)]

    @cached_property
    def gate_summary(self) -> dict[str, Any]:
        enrollment = [gate for gate in self.open_gates if gate.blocks in STOPS_ENROLLMENT]
        emergency = any(gate.blocks == "everything" and self.see[gate][self.person] == HOLD for gate in enrollment)
        return {
            "status": "emergency" if emergency else "hold" if enrollment else "clear",
            "act_first": self.open_gates[0].id if self.open_gates else None,
            "blocks_recommendation": [gate.id for gate in enrollment if gate.blocks in STOPS_RECOMMENDATION],
            "blocks_enrollment": [gate.id for gate in enrollment],
        }

    def compares(self, gate: Gate) -> bool:
        """Whether a gate is anyone's concern here: conjoint work considered, trauma at least possible (S87, S92)."""
        if gate.blocks == "conjoint":
            return self.see.fires(vocabulary()["family.considered"].condition(), self.person)
        if gate.blocks == "trauma_processing":
            evidence = self.rules.evidence
            points = self.see[evidence].points[self._position("trauma"), self.person]
            return bool(points >= evidence.bands["possible"])
        return True

    # -- Level, tracks, selection

    @cached_property
    def level(self) -> dict[str, Any]:
        return self.rules.level.describe(self.see, self.person)

    @cached_property
    def tracks(self) -> list[dict[str, Any]]:
        return self.rules.evidence.describe(self.see, self.person, dict(self._evidence_needs), self._inputs)

    @cached_property
    def _evidence_needs(self) -> list[tuple[str, Unknowns]]:
        return self.rules.evidence.needs(self.see, self.person)

    def _inputs(self, keys: list[str]) -> list[dict[str, Any]]:
        return [{"fact": key, "value": self._value(key)} for key in keys]

    def _value(self, key: str) -> Any:
        if key in self.facts.given or dictionary()[key].kind == "raw":
            return self.facts.given.get(key)
        return vocabulary()[key].printed(self.see, self.person)

    @cached_property
    def format(self) -> dict[str, Any] | None:
        preference = self.facts.given.get(self.rules.format.preference)
        return self.rules.format.describe(self.see, self.person, preference)

    @cached_property
    def selection(self) -> dict[str, Any]:
        chosen = self.rules.selection.describe(self.see, self.person)
        primary = chosen["primary"]
        formatted = self.rules.evidence.families[self.rules.format.family].id
        has_format = primary == formatted and self.format is not None
        trauma = self._position("trauma")
        phase = "stabilization" if self._is_held else "processing_allowed"
        return {
            "rule": chosen["rule"],
            "modifiers": chosen["modifiers"],
            "rules_indeterminate": chosen["rules_indeterminate"],
            "outcome": chosen["outcome"],
            "primary": primary,
            "primary_track": f"{primary}_{self.format['primary']}" if has_format and self.format else primary,
            "trauma_phase": phase if self._proposes(trauma) else None,
            "adjuncts": chosen["adjuncts"],
            "candidates": chosen["candidates"],
            "plan_problems": chosen["plan_problems"],
            "further_assessment_of": chosen["further_assessment_of"],
            "applicability": self._applicability(chosen),
            "format": self.format,
        }

    def _position(self, family: str) -> int:
        return self.rules.evidence.index(family)

    def _proposes(self, family: int) -> bool:
        return bool(self.see[self.rules.selection].proposes(family)[self.person])

    @property
    def _is_held(self) -> bool:
        return any(gate.blocks == "trauma_processing" for gate in self.open_gates)

    def _applicability(self, chosen: dict[str, Any]) -> str:
        if chosen["primary"] is None and not chosen["candidates"]:
            return "none"
        if self.level["status"] != "determined":
            return APPLICABILITY[self.level["status"]]
        if self.level["level"] == "iop":
            return "iop"
        if self.level["level"] == "outpatient":
            return "lower_level"
        offered = any(other["level"] == "iop" for other in self.level["alternatives"])
        return "iop_as_alternative" if offered else "after_higher_level"

    # -- Missing

    @cached_property
    def missing(self) -> list[dict[str, Any]]:
        needed: dict[str, set[str]] = defaultdict(set)
        for purpose, facts in self._needs():
            for fact in facts:
                needed[fact].add(purpose)
        return [
            {"fact": fact, "safety": self._is_safety(fact), "needed_for": sorted(purposes)}
            for fact, purposes in sorted(needed.items())
        ]

    def _needs(self) -> list[tuple[str, Unknowns]]:
        """Every part that still needs facts, in the order of S87."""
        see, person, rules = self.see, self.person, self.rules
        needs = [("scope", see.unknown(rules.applies, person))]
        needs += [(gate.id, self._gate_needs[gate.id]) for gate in rules.gates if self.compares(gate)]
        needs += self._level_needs()
        needs += self._evidence_needs
        needs += [
            (rule.id, rules.selection.unknown(rule, see, person)) for rule in rules.selection.undecided(see, person)
        ]
        if self.format is not None:
            needs.append(("format", frozenset(self.format["unknown"])))
        asks, family_position = rules.routing_asks
        if self._proposes(family_position):
            needs.append(("routing", see.unknown(asks, person)))
        needs.append(("confidence", self._confidence_needs()))
        fact, when = rules.safety.asks
        if see.fires(when, person):
            needs.append(("safety_level", frozenset({fact})))
        return needs

    def _level_needs(self) -> list[tuple[str, Unknowns]]:
        level = self.rules.level
        required = frozenset(level.required)
        absent = frozenset(key for key in required if key not in self.facts.given)
        rows = [
            (row.id, self.see.unknown(row.when, self.person) - required)
            for row in level.indeterminate(self.see, self.person)
            if row.when is not None
        ]
        return [*((row.id, absent) for row in level.rows if row.kind == "no_result"), *rows]

    def _confidence_needs(self) -> Unknowns:
        if self._outcome in NOTHING_RATED:
            return frozenset()
        asked = frozenset(key for key in self.rules.confidence.asks if key not in self.facts.given)
        return asked | {date for date in self._required_dates if self.facts.age_days(date) is None}

    def _is_safety(self, fact: str) -> bool:
        own = dict(self.rules.safety.safety_facts)
        return self.see.fires(own[fact], self.person) if fact in own else dictionary()[fact].safety

    # -- Confidence

    @property
    def _outcome(self) -> str:
        return str(self.selection["outcome"])

    @cached_property
    def _required_dates(self) -> list[str]:
        return self.rules.confidence.required_dates(self.see, self.person, self.selection["primary"])

    @cached_property
    def _points(self) -> dict[str, int]:
        return {row["id"]: row["points"] for track in self.tracks for row in track["rows"]}

    @cached_property
    def basis(self) -> Basis:
        rules, primary = self.rules, self.selection["primary"]
        families = [family.id for family in rules.evidence.families] if primary is None else [primary]
        chosen = {row for row in self._points if row.split(".")[0] in families}
        undecided = {rule.id for rule in rules.selection.rules if "outcome" not in rule.section}
        counts = chosen | {f"{family}.cap" for family in families} | undecided | {"confidence"}
        stops = {gate.id for gate in rules.gates if gate.blocks in STOPS_RECOMMENDATION}
        endangers = chosen | stops | undecided | {"safety_level"}
        needs = [(entry["safety"], set(entry["needed_for"])) for entry in self.missing]
        others = {row.code for row in rules.conflicts if row.family not in (None, primary) and primary is not None}
        return Basis(
            rule=self.selection["rule"],
            outcome=self._outcome,
            primary=primary,
            lead=rules.selection.lead(self.see, self.person),
            missing_count=sum(1 for _, purposes in needs if purposes & counts),
            safety_gap=any(safety and purposes & endangers for safety, purposes in needs),
            data_age_days=rules.confidence.data_age(self.facts, self._required_dates),
            points=self._points,
            relevant_conflicts=set(self.conflicts) - others,
            doubts=self.doubts,
        )

    @cached_property
    def conflicts(self) -> list[str]:
        return self._codes(self.rules.conflicts)

    @cached_property
    def doubts(self) -> list[str]:
        return self._codes(self.rules.doubts)

    @cached_property
    def confidence(self) -> dict[str, Any]:
        listed = {"conflicts": self.conflicts, "validity_doubts": self.doubts}
        if self._outcome in NOTHING_RATED:
            rated = dict.fromkeys(("lead", "missing_count", "data_age_days", "sources_agree"))
            return {"level": NOT_RATED, **rated, **listed}
        return {
            "level": self.rules.confidence.rate(self.basis),
            "lead": self.basis.lead,
            "missing_count": self.basis.missing_count,
            "data_age_days": self.basis.data_age_days,
            "sources_agree": self.rules.confidence.sources_agree(self.basis),
            **listed,
        }

    # -- Cautions and routing

    @cached_property
    def cautions(self) -> list[str]:
        recorded = self.facts.given.get(self.rules.recorded_cautions, [])
        return sorted({*self._codes(self.rules.cautions), *recorded})

    @cached_property
    def routing(self) -> list[str]:
        return self._codes(self.rules.routing)
