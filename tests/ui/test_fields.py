"""Fields read label, hint, error, control, and say it to a screen reader in that order."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template.loader import render_to_string


class CallBack(forms.Form):
    phone = forms.CharField(
        label="Phone number",
        help_text="We call once.",
        error_messages={"required": "Enter a phone number with 10 digits"},
    )
    note = forms.CharField(label="Anything else", required=False)
    when = forms.ChoiceField(label="When", widget=forms.RadioSelect, choices=[("am", "Morning"), ("pm", "Afternoon")])


def test_a_wrong_field_keeps_the_order_and_names_its_error():
    html = render_to_string("ui/field.html", {"field": CallBack({})["phone"]})
    places = [html.index(part) for part in ("Phone number", "We call once.", "Enter a phone number", "<input")]
    assert places == sorted(places)
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_phone_error"' in html


def test_only_optional_fields_are_marked():
    form = CallBack()
    assert "(optional)" in render_to_string("ui/field.html", {"field": form["note"]})
    assert "(optional)" not in render_to_string("ui/field.html", {"field": form["phone"]})


def test_the_summary_leads_to_each_wrong_control():
    html = render_to_string("ui/error_summary.html", {"form": CallBack({})})
    assert 'href="#id_phone"' in html
    assert 'href="#id_when_0"' in html
    assert "autofocus" in html


def test_there_is_no_summary_without_errors():
    assert render_to_string("ui/error_summary.html", {"form": CallBack({"phone": "1", "when": "am"})}).strip() == ""


def test_crispy_forms_draw_the_same_field():
    html = render_crispy_form(CallBack({}), FormHelper())
    assert html.count('class="ui-field is-error"') == 2
    assert "asteriskField" not in html
    assert "form-control" not in html


def test_what_a_person_typed_is_kept_and_escaped():
    html = render_to_string("ui/field.html", {"field": CallBack({"note": '"><b>'})["note"]})
    assert "<b>" not in html
    assert "&quot;&gt;&lt;b&gt;" in html
