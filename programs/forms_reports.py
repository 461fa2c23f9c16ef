"""What a report is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django import forms

from accounts.policies import Actor


class ReportForm(forms.Form):
    """Of which time and which of the actor's locations. What it does not know it takes for what is asked most."""

    PERIODS: Final[Mapping[str, tuple[str, timedelta | None]]] = {
        "90": ("The last 90 days", timedelta(days=90)),
        "365": ("The last 12 months", timedelta(days=365)),
        "all": ("All the time", None),
    }

    period = forms.ChoiceField(
        label="Recommended in", required=False, choices=[(value, label) for value, (label, _) in PERIODS.items()]
    )
    location = forms.ChoiceField(label="Location", required=False)

    def __init__(self, asked: Mapping[str, str], actor: Actor) -> None:
        places = {place.name: place for place in actor.user.locations.order_by("name")}
        period = asked["period"] if asked.get("period") in self.PERIODS else "365"
        self.within = self.PERIODS[period][1]
        self.place = places.get(asked.get("location", ""))
        super().__init__(initial={"period": period, "location": self.place and self.place.name})
        self.fields["location"].choices = [("", "All of mine"), *((name, name) for name in places)]  # type: ignore[attr-defined]
        if len(places) < 2:
            del self.fields["location"]
