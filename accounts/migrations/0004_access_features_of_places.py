"""What a place offers to who needs it: a step-free entrance, a hearing loop."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_number_keys_by_person"),
    ]

    operations = [
        migrations.AddField(
            model_name="location",
            name="access_features",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("step_free", "Step-free entrance"),
                        ("elevator", "Elevator"),
                        ("accessible_restroom", "Accessible restroom"),
                        ("hearing_loop", "Hearing loop"),
                        ("parking", "Parking"),
                        ("transit", "Close to public transit"),
                        ("quiet_room", "Quiet room"),
                    ],
                    max_length=24,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "access_features__contained_by",
                        [
                            "step_free",
                            "elevator",
                            "accessible_restroom",
                            "hearing_loop",
                            "parking",
                            "transit",
                            "quiet_room",
                        ],
                    )
                ),
                name="location_access_is_known",
            ),
        ),
    ]
