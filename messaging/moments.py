"""
Days and times as messages say them, in the person's language.

Short days go into text messages and so do without the accents that GSM-7 lacks ("sab", not "sáb").
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.zones import short_zone

LANGUAGES = ("en", "es")

DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}
# The day of the appointment is today, tomorrow, or neither when the message leaves.
NEAR = {"en": ("today, ", "tomorrow, ", ""), "es": ("hoy, ", "mañana, ", "")}


def short_day(local: datetime, language: str) -> str:
    """ "Thu Mar 12", "jue 12 de mar"."""
    day = DAYS[language][local.weekday()][:3].replace("á", "a")
    month = MONTHS[language][local.month - 1][:3]
    return f"{day} {month} {local.day}" if language == "en" else f"{day} {local.day} de {month}"


def long_day(local: datetime, language: str) -> str:
    """ "Thursday, March 12", "jueves 12 de marzo"."""
    day, month = DAYS[language][local.weekday()], MONTHS[language][local.month - 1]
    return f"{day}, {month} {local.day}" if language == "en" else f"{day} {local.day} de {month}"


def clock(local: datetime) -> str:
    """ "5:30 pm CT", in both languages: a zone is always said."""
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'} {short_zone(local)}"


def moment(at: datetime, zone: ZoneInfo, language: str, *, now: datetime) -> dict[str, str]:
    """Give the placeholders that an appointment's time fills, for a message that leaves at ``now``."""
    local = at.astimezone(zone)
    days_ahead = (local.date() - now.astimezone(zone).date()) // timedelta(days=1)
    today, tomorrow, neither = NEAR[language]
    return {
        "day": short_day(local, language),
        "day_long": long_day(local, language),
        "near": {0: today, 1: tomorrow}.get(days_ahead, neither),
        "time": clock(local),
    }
