"""The tick went into the wishes; see 0006, which is apart because it must be done before the column goes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("intake", "0006_wish_for_email_instead_of_a_tick")]

    operations = [
        migrations.RemoveConstraint(model_name="patient", name="patient_reminded_by_email_has_one"),
        migrations.RemoveField(model_name="patient", name="remind_by_email"),
    ]
