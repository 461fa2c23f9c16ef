"""
The tags behind `templates/ui/`: icons, the fonts of the build step, and the components that wrap content.

A component without content of its own is an ordinary include; one that wraps a piece of page is a block tag here.
"""

import re
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lucide.templatetags.lucide import lucide as draw

from iop.context import record_entries

register = template.Library()

# What a person's session can be, in the one set of words of EXPERIENCE 7.2: tone, icon, sentence.
SESSION_STATUS = {
    "please_confirm": ("amber", "circle-dashed", gettext_lazy("Please confirm")),
    "confirmed": ("fern", "check", gettext_lazy("You confirmed")),
    "cannot_come": ("quiet", "minus", gettext_lazy("You can't come")),
    "canceled": ("quiet", "minus", gettext_lazy("Canceled")),
    "attended": ("fern", "check", gettext_lazy("Attended")),
    "missed": ("quiet", "minus", gettext_lazy("We missed you")),
}


@lru_cache(maxsize=128)
def _svg(name: str) -> SafeString:
    sizes = {"width": "1.25em", "height": "1.25em"}
    drawing = draw(name, size=None, aria_hidden="true", focusable="false", **sizes, **{"class": "ui-icon"})
    return mark_safe(re.sub(r">\s+<", "><", drawing).strip())  # noqa: S308  a packaged drawing


@register.simple_tag
def icon(name: str) -> SafeString:
    """
    A lucide drawing as inline SVG, hidden from screen readers: the text beside it says the same.

    Raises:
        lucide.IconDoesNotExist: no drawing has this name.
    """
    return _svg(str(name))


@register.inclusion_tag("ui/pill_filters.html", takes_context=True)
def record_tabs(context: dict[str, Any], patient: Any) -> dict[str, Any]:
    """The pages of one person's record, as links: those that the active role may open."""
    return {"label": _("Record"), "items": record_entries(context["request"], patient.public_id)}


@register.simple_tag
def fonts() -> SafeString:
    """The stylesheet of `build_fonts` and a preload of the body font; nothing when they were not built."""
    if finders.find("fonts/fonts.css") is None:
        return mark_safe("")
    try:
        body, sheet = static("fonts/figtree.woff2"), static("fonts/fonts.css")
    except ValueError:  # built after collectstatic: the manifest does not know them, and no page may fail for that
        return mark_safe("")
    return format_html(
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin><link rel="stylesheet" href="{}">',
        body,
        sheet,
    )


@register.simple_tag
def clinic_words() -> dict[str, str]:
    """The clinic's name and numbers and the product's name, also where no context processor ran (error pages)."""
    clinic = settings.CLINIC
    return {
        "product": settings.PRODUCT_NAME,
        "name": clinic.name,
        "phone": clinic.phone,
        "tel": clinic.tel,
        "hours": clinic.hours,
    }


@register.filter
def phone(number: str) -> str:
    """ "+13125550142" as people read it, "312-555-0142"; a number of another country stays as it is kept."""
    digits = number.removeprefix("+1")
    if number.startswith("+1") and len(digits) == 10:
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    return number


@register.inclusion_tag("ui/session_status.html")
def session_status(name: str, extra: str = "") -> dict[str, Any]:
    """The status line of a session card; `extra` follows the words ("Attended, 1.5 hours")."""
    tone, drawing, words = SESSION_STATUS[name]
    return {"tone": tone, "drawing": drawing, "words": words, "extra": extra}


@register.simple_block_tag
def card(content: str, heading: str = "", id: str = "", level: int = 2, kind: str = "") -> SafeString:  # noqa: A002
    """`{% card heading="Need by area" id="need" %}…{% endcard %}`; kinds: flush, decision, missing."""
    return render_to_string(
        "ui/card.html", {"content": content, "heading": heading, "id": id, "level": level, "kind": kind}
    )


@register.simple_block_tag
def panel(content: str, heading: str, id: str, eyebrow: str = "", level: int = 2) -> SafeString:  # noqa: A002
    """The solid spruce panel: `{% panel heading="Intensive outpatient" id="level" eyebrow="Level of care" %}`."""
    return render_to_string(
        "ui/panel.html", {"content": content, "heading": heading, "id": id, "eyebrow": eyebrow, "level": level}
    )


@register.simple_block_tag
def notice(content: str, tone: str = "info", live: str = "") -> SafeString:
    """A message that stays: tones info, good, waiting, problem; `live="status"` or `"alert"` speaks it."""
    return render_to_string("ui/notice.html", {"content": content, "tone": tone, "live": live})


@register.simple_block_tag
def fold(content: str, summary: str) -> SafeString:
    """A native disclosure: `{% fold "Not supported" %}…{% endfold %}`."""
    return render_to_string("ui/fold.html", {"content": content, "summary": summary})
