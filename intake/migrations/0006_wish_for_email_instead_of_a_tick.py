"""Who ticked reminders by email said so in the words of the register form; their tick becomes that wish."""

from django.db import migrations
from django.db.models import Exists, OuterRef

STATEMENT = (
    "Send appointment reminders to this email address. Email is not encrypted: whoever opens the mailbox can read that "
    "there is an appointment, when, and the clinic's name. Nothing about care is in it. The person can stop this at "
    "any time."
)
BATCH = 1000


def ticks_to_wishes(apps, _schema_editor):
    patients, wishes = apps.get_model("intake", "Patient"), apps.get_model("intake", "ContactWish")
    asked = wishes.objects.filter(patient=OuterRef("pk"), channel="email", ended_at__isnull=True)
    ticked = patients.objects.filter(~Exists(asked), remind_by_email=True)
    while batch := list(ticked.order_by("pk")[:BATCH]):  # who has a wish is no longer among them
        wishes.objects.bulk_create(
            wishes(
                patient=patient,
                channel="email",
                is_wanted=True,
                may_say_who=True,
                statement=STATEMENT,
                said_at=patient.registered_at,
                recorded_by_id=patient.registered_by_id,
            )
            for patient in batch
        )


def wishes_to_ticks(apps, _schema_editor):
    patients, wishes = apps.get_model("intake", "Patient"), apps.get_model("intake", "ContactWish")
    said_yes = wishes.objects.filter(patient=OuterRef("pk"), channel="email", is_wanted=True, ended_at__isnull=True)
    patients.objects.exclude(email="").filter(Exists(said_yes)).update(remind_by_email=True)


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_locks_of_forms_safety_papers")]

    operations = [migrations.RunPython(ticks_to_wishes, wishes_to_ticks)]
