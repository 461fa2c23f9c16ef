"""
The rows take over the new words: states, methods, formats, ways to enter, and the hours of a level.

What was written about methods and is none of the known words is kept in the evidence note. On the way
back the words are written out again.
"""

from datetime import timedelta

from django.db import migrations
from django.db.models import DateField, ExpressionWrapper, F, Q
from django.db.models.functions import Least

STATES = {"planned": "draft", "open": "published", "closed": "retired"}
FORMATS = {"addiction_individual": "individual", "addiction_family": "family"}
HOURS = {"outpatient": (0, 539), "iop": (540, 1140), "php": (1200, None)}  # 9 to 19 hours; 20 and more
LANGUAGES = ["en", "es"]
# A part of what was written, in lower case, and what it says.
METHODS = {
    "behavioral activation": "behavioral_activation",
    "distress tolerance": "dbt_distress_tolerance",
    "emotion regulation": "dbt_emotion_regulation",
    "interpersonal effectiveness": "dbt_interpersonal",
    "dbt skills: mindfulness": "dbt_mindfulness",
    "emdr": "emdr",
    "medicine visits": "medication_management",
    "medication management": "medication_management",
    "fitness": "fitness",
    "motivational interviewing": "motivational_interviewing",
    "relapse prevention": "relapse_prevention",
    "contingency management": "contingency_management",
    "behavioral couples therapy": "behavioral_couples",
    "family behavior therapy": "family_behavior",
    "craft": "craft",
    "psychoeducation": "psychoeducation",
    "mindfulness": "mindfulness",
    "cbt": "cbt",
}
BEFORE = "Methods, as they were written: "


def read(text):
    """The methods that were written, and whether anything else was."""
    rest, found = text.lower(), []
    for words, method in METHODS.items():
        if words in rest:
            found.append(method)
            rest = rest.replace(words, "")
    return found, bool(rest.strip(" ,.;"))


def take_over(apps, _schema_editor):
    cohort, program = apps.get_model("programs", "Cohort"), apps.get_model("programs", "Program")
    for old, new in STATES.items():
        cohort.objects.filter(state=old).update(state=new)
    cohort.objects.update(seats_least=Least(F("seats_least"), F("seats")))
    last_day = ExpressionWrapper(F("ends_on") - timedelta(days=1), DateField())
    cohort.objects.filter(last_entry_on__lt=last_day).update(entry="closed")
    for row in program.objects.select_related("track"):
        row.modalities, has_more = read(row.methods_before)
        row.evidence_note = BEFORE + row.methods_before if has_more else ""
        row.format = FORMATS.get(row.track.code, "group")
        spoken = set(row.cohorts.values_list("language", flat=True))
        row.languages = [code for code in LANGUAGES if code in spoken] or ["en"]
        row.telehealth = row.cohorts.filter(delivery="online").exists()
        row.save()
    hours = apps.get_model("programs", "LevelHours")
    for level, (least, most) in HOURS.items():
        hours.objects.get_or_create(level=level, defaults={"least_minutes": least, "most_minutes": most})


def give_back(apps, _schema_editor):
    cohort, program = apps.get_model("programs", "Cohort"), apps.get_model("programs", "Program")
    for old, new in STATES.items():
        cohort.objects.filter(state=new).update(state=old)
    cohort.objects.filter(state="in_review").update(state="planned")
    cohort.objects.filter(Q(closed_at__isnull=False)).update(state="closed")
    program.objects.filter(state="in_review").update(state="draft")
    words = {method: text for text, method in reversed(METHODS.items())}
    for row in program.objects.all():
        written = row.evidence_note.removeprefix(BEFORE) if row.evidence_note.startswith(BEFORE) else ""
        row.methods_before = written or ", ".join(words.get(each, each) for each in row.modalities)[:200]
        row.save()


class Migration(migrations.Migration):
    dependencies = [("programs", "0010_what_a_program_and_a_cohort_offer")]

    operations = [migrations.RunPython(take_over, give_back)]
