"""What a page of questions looks like: its cards, the pieces a save renews, its read-only and summary forms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from intake.amendments import addenda_of, amended
from intake.forms.answers import Posted
from intake.instruments import Item, Questionnaire
from intake.presentation import TYPED, Card, card, clock, has_panel, shape_of, sides_of, words_of
from intake.sections import SAFETY
from intake.sitting import NOTHING, Step
from intake.views.alerts import item_of, panels
from intake.views.answering import (
    Answering,
    View,
    changed_by_others,
    colleagues_on,
    left_on,
    names_of,
    open_on_sheet,
    sheet_on,
)
from intake.views.evidence import bearing_of
from intake.views.flow import name_of, rail_of
from intake.views.rows import answer_rows, reading_of
from intake.views.scores import score_row
from intake.voices import aged, at_of, day, is_aged, is_own, short


def fragments(answering: Answering, before: View, after: View, names: dict[int, str], posted: Posted) -> dict[str, str]:
    """The pieces of the page that this save changed: questions, the panel, the line below the buttons."""
    step = answering.step
    changed = (before.shown ^ after.shown) | (before.disputed ^ after.disputed) | after.disputed
    answers = answering.sitting.answers(step.code)
    own = {change.item for change in posted.changes if is_own(answers.get(change.item, NOTHING))}
    changed_beside = {code for code, _ in before.beside ^ after.beside}
    others = (changed_by_others(answering) | own | changed_beside) - set(posted.errors)
    pieces = {}
    for one in cards(answering, names, only=changed | others):
        if one.code in changed or (one.code in others and not one.is_typed):
            pieces[f"#slot_{one.code}"] = draw_piece(answering, "intake/_slot.html", card=one)
        # What somebody is typing in is never replaced under their hands.
        elif one.code in others and one.told:
            pieces[f"#told_{one.code}"] = draw_piece(answering, "intake/_told.html", card=one)
    if before.panels != after.panels:
        pieces |= panel_pieces(answering, before, after)
    added = len(after.shown - before.shown)
    if added:
        pieces["#revealed"] = draw_piece(answering, "intake/_revealed.html", added=added)
    pieces["#added"] = draw_piece(answering, "intake/_added.html", added=added)
    pieces["#left"] = draw_piece(answering, "intake/_left.html", left=left_on(answering))
    return pieces


def panel_pieces(answering: Answering, before: View, after: View) -> dict[str, str]:
    """The panel below each question that can have one; what has just appeared is spoken."""
    step = answering.step
    assert step.page is not None  # noqa: S101 - a summary saves nothing
    items = step.page.items
    codes = [item.code for item in items]
    fresh = {item_of(alarm.trigger, codes) for alarm in after.raised - before.raised}
    shown = panels(answering.opened, step)
    live = {panel.key for panel in shown if panel.at in fresh or (panel.key == "withdrawal" and not before.needs_check)}
    return {
        f"#safety_{item.code}": draw_piece(
            answering, "intake/_panel.html", code=item.code, panels=shown, live_panels=live
        )
        for item in items
        if has_panel(item)
    }


def draw_piece(answering: Answering, template: str, **context: Any) -> str:
    # Not with the request: what a page prints in its frame need not be worked out for a piece of it.
    return render_to_string(template, {"patient": answering.opened.patient, **context})


def draw(answering: Answering, posted: Posted | None = None, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    step, opened = answering.step, answering.opened
    asked = answering.sitting.questionnaire(step.code)
    colleagues = colleagues_on(answering)
    names = names_of(answering, also=colleagues)
    shown = cards(answering, names, posted)
    if asked.kind == "ratings":
        bearing = bearing_of(opened)
        shown = [replace(one, bearing=bearing.get(one.code, [])) for one in shown]
    response = answering.sitting.responses.get(step.code)
    following = opened.sitting.after(step)
    context = {
        **frame(answering),
        "asked": asked,
        "step": step,
        "cards": shown,
        "revision": response.revision if response else 0,
        "note": answering.request.POST.get("note", response.note if response else ""),
        "count": answering.sitting.count(step),
        "left": left_on(answering),
        "colleagues": [short(names[one]) for one in sorted(colleagues) if one in names],
        "aged_on": aged_day(answering),
        "panels": panels(opened, step),
        "back_url": opened.step_url(opened.sitting.before(step)),
        "continue_label": continue_label(answering, following),
        "return": answering.request.POST.get("return") or answering.request.GET.get("return", ""),
        "errors": [{"id": f"slot_{code}", "text": text} for code, text in (posted.errors if posted else {}).items()],
        "shortcuts": "on" if answering.user.shortcuts else "off",
        "has_keys": any(one.likert for one in shown),
        "keys_to": max(
            (str(option["key"]) for one in shown for option in one.options if option.get("key", "").isdigit()),
            default="",
        ),
        "extra_keys": {extra["key"] for one in shown if one.likert for extra in one.extras},
        "is_sheet": bool(sheet_on(answering)),
        "is_skippable": any("not_asked" in item.allow for item in sheet_on(answering)),
        "may_skip": bool(open_on_sheet(answering)),
        "may_refuse": step.code == SAFETY and any("declined" in one.item.allow for one in shown if one.is_shown),
    }
    return render(answering.request, "intake/page.html", context, status=status)


def frame(answering: Answering) -> dict[str, Any]:
    step = answering.step
    return {**answering.opened.context, "rail": rail_of(answering.opened, step), "section": step.section}


def cards(
    answering: Answering, names: dict[int, str], posted: Posted | None = None, only: Collection[str] | None = None
) -> list[Card]:
    """Every question of the page in its order, or of these codes; those that skip logic hides are empty places."""
    step = answering.step
    asked = answering.sitting.questionnaire(step.code)
    answers = answering.sitting.answers(step.code)
    shown = {item.code for item in answering.sitting.shown_on(step)}
    others = changed_by_others(answering)
    assert step.page is not None  # noqa: S101 - a summary asks nothing
    drawn = []
    for item in step.page.items:
        if only is not None and item.code not in only:
            continue
        entry = answers.get(item.code, NOTHING)
        error = posted.errors.get(item.code, "") if posted else ""
        drawn.append(
            card(
                asked,
                item,
                entry,
                error=error,
                posted=answering.request.POST.getlist(item.code) if error else None,
                is_shown=item.code in shown,
                sides=sides_of(asked, item, entry, names, answering.user.pk, answering.zone),
                changed_by=changed_line(answering, item, names)
                if item.code in others
                else carried_line(answering, entry),
                told=told_lines(answering, asked, item, entry),
                beside=beside_line(answering, asked, item, entry, names),
                may_unsay=entry.get("clinician", NOTHING).get("by") == answering.user.pk,
            )
        )
    return drawn


def changed_line(answering: Answering, item: Item, names: dict[int, str]) -> str:
    entry = answering.sitting.answers(answering.step.code)[item.code]
    at = clock(datetime.fromisoformat(entry["at"]), answering.zone)
    return f"{names.get(entry['by'], 'A colleague')} changed this at {at}"


def carried_line(answering: Answering, entry: Mapping[str, Any]) -> str:
    return f"Carried from {answering.sitting.questionnaire(entry['carried']).title}" if "carried" in entry else ""


def told_lines(answering: Answering, asked: Questionnaire, item: Item, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Who answered themselves and when; of a draft that lay for a while, when anybody answered."""
    if not entry:
        return ()
    on = day(at_of(entry), answering.zone, answering.now)
    if is_own(entry):
        called = answering.opened.patient.called
        line = f"{called} answered this on {on}"
        if entry["respondent"] == "collateral":
            line = f"Somebody answered this for {called} on {on}"
        return (f"{line}: {words_of(asked, item, entry)}." if shape_of(item) in TYPED else f"{line}.",)
    return (f"Answered on {on}.",) if is_aged(entry, answering.now) else ()


def beside_line(
    answering: Answering, asked: Questionnaire, item: Item, entry: Mapping[str, Any], names: Mapping[int, str]
) -> str:
    """A clinician's other view of what the person answered themselves."""
    said = entry.get("clinician")
    if said is None:
        return ""
    mine = said["by"] == answering.user.pk
    who = "You" if mine else names.get(said["by"], "A colleague")
    called = answering.opened.patient.called
    counts = f"{called}'s own answer counts" if entry["respondent"] == "patient" else f"The answer for {called} counts"
    return f"{who}: {words_of(asked, item, said)}. {counts}; {'yours' if mine else 'this'} is kept beside it."


def aged_day(answering: Answering) -> str:
    """On the first page of a section whose answers lay for a while: the day of the newest."""
    step, sitting = answering.step, answering.sitting
    newest = aged(sitting, step.section, answering.now)
    if newest is None or step != sitting.open_steps(step.section)[0]:
        return ""
    return day(newest, answering.zone, answering.now)


def continue_label(answering: Answering, following: Step | None) -> str:
    if answering.request.GET.get("return") or answering.request.POST.get("return"):
        return "Back to check answers"
    if following is None:
        return "Continue to the task list"
    if following.section != answering.step.section:
        return f"Continue to {following.section.title[0].lower()}{following.section.title[1:]}"
    is_named = following.page is None or answering.sitting.questionnaire(following.code).kind == "instrument"
    if following.code == answering.step.code or not is_named:
        return "Continue"
    return f"Continue to {name_of(answering.sitting, following)}"


# ---- Pages without a form ----


def summary(answering: Answering) -> HttpResponse:
    """The end of a section: scores and bands, and what they open."""
    sitting, step, opened = answering.sitting, answering.step, answering.opened
    corrected = amended(sitting, addenda_of(sitting.assessment))
    rows = [score_row(sitting, corrected, code) for code in sitting.open_codes(step.section)]
    open_items = sitting.open_items(step.section)
    context = {
        **frame(answering),
        "step": step,
        "scores": [row for row in rows if row],
        "opened": sitting.opened_by(step.section),
        "open_url": opened.step_url(open_items[0][0]) if open_items else "",
        "open_count": len(open_items),
        "panels": panels(opened, step),
        "back_url": opened.step_url(sitting.before(step)),
        "next_url": opened.step_url(sitting.after(step)),
        "continue_label": continue_label(answering, sitting.after(step)),
    }
    return render(answering.request, "intake/summary.html", context)


def read_only(answering: Answering, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """The answers of a page that can no longer be changed, or that this role may only read."""
    sitting, step = answering.sitting, answering.step
    reading = reading_of(answering.opened, answering.now)
    rows = [{**row, "id": f"slot_{row['code']}"} for row in answer_rows(reading, step)]
    response = sitting.responses.get(step.code)
    context = {
        **frame(answering),
        "asked": sitting.questionnaire(step.code),
        "step": step,
        "rows": rows,
        "note": response.note if response else "",
        "was_late": status == HTTPStatus.CONFLICT,
        "back_url": answering.opened.step_url(sitting.before(step)),
        "next_url": answering.opened.step_url(sitting.after(step)),
    }
    return render(answering.request, "intake/read_only.html", context, status=status)
