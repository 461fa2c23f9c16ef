"""Two presses of one form register one person: the form carries a key."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_number_keys_by_person"),
        ("intake", "0009_inquiries_sorted_sent_once_compared"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="form_key",
            field=models.UUIDField(editable=False, null=True, verbose_name="key of the form that registered them"),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(
                fields=("registered_by", "form_key"),
                name="patient_registered_once",
                violation_error_message="This form was already sent.",
            ),
        ),
    ]
