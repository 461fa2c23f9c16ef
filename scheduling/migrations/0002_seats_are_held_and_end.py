"""A seat is held, had, completed, given up or moved; what was withdrawn or live so far takes its state."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SOMEBODY = {"blank": True, "null": True, "related_name": "+", "to": settings.AUTH_USER_MODEL}
PROTECT = django.db.models.deletion.PROTECT

# Somebody with several live seats keeps the first as the main one: until now nothing told them apart.
FILL = """
UPDATE scheduling_enrollment SET state = 'withdrawn' WHERE ended_at IS NOT NULL;
UPDATE scheduling_enrollment AS later SET kind = 'adjunct'
WHERE later.state = 'active' AND EXISTS (
    SELECT FROM scheduling_enrollment AS first
    WHERE first.patient_id = later.patient_id AND first.state = 'active'
      AND (first.enrolled_at, first.id) < (later.enrolled_at, later.id));
"""
# Before, a seat was live or withdrawn, and given by somebody: a hold is neither.
EMPTY = """
DELETE FROM scheduling_enrollment WHERE enrolled_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0001_initial"),
        ("intake", "0010_registered_once_per_form"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("enrollment", "enrollment_one_live_per_cohort"),
        migrations.RemoveConstraint("enrollment", "enrollment_live_or_ended_by_someone"),
        migrations.RenameField("enrollment", "withdrawn_at", "ended_at"),
        migrations.RenameField("enrollment", "withdrawn_by", "ended_by"),
        migrations.AlterModelOptions("enrollment", {"ordering": ["pk"]}),
        migrations.AddField(
            "enrollment",
            "kind",
            models.CharField(
                choices=[("primary", "Main program"), ("adjunct", "Beside the main program")],
                default="primary",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "enrollment",
            "state",
            models.CharField(
                choices=[
                    ("held", "Held"),
                    ("active", "Has the place"),
                    ("completed", "Completed"),
                    ("withdrawn", "Given up"),
                    ("transferred", "Moved to another cohort"),
                ],
                default="active",
                max_length=12,
            ),
        ),
        migrations.AddField("enrollment", "held_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("enrollment", "held_by", models.ForeignKey(on_delete=PROTECT, **SOMEBODY)),
        migrations.AddField("enrollment", "held_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("enrollment", "reason", models.CharField(blank=True, max_length=300)),
        migrations.AlterField("enrollment", "enrolled_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("enrollment", "enrolled_by", models.ForeignKey(on_delete=PROTECT, **SOMEBODY)),
        migrations.RunSQL(FILL, EMPTY),
        migrations.AddConstraint(
            "enrollment",
            models.CheckConstraint(
                condition=models.Q(("state__in", ["held", "active", "completed", "withdrawn", "transferred"])),
                name="enrollment_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            "enrollment",
            models.CheckConstraint(
                condition=models.Q(("kind__in", ["primary", "adjunct"])), name="enrollment_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            "enrollment",
            models.UniqueConstraint(
                condition=models.Q(("state__in", ["held", "active"])),
                fields=("patient", "cohort"),
                name="enrollment_one_live_per_cohort",
                violation_error_message="This person already has a seat here.",
            ),
        ),
        migrations.AddConstraint(
            "enrollment",
            models.UniqueConstraint(
                condition=models.Q(("kind", "primary"), ("state", "active")),
                fields=("patient",),
                name="enrollment_one_active_primary",
                violation_error_message="This person already has a place in a main program.",
            ),
        ),
        migrations.AddConstraint(
            "enrollment",
            models.UniqueConstraint(
                condition=models.Q(("kind", "primary"), ("state", "held")),
                fields=("patient",),
                name="enrollment_one_held_primary",
                violation_error_message="A place is already held for this person.",
            ),
        ),
        migrations.AddConstraint(
            "enrollment",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_at__isnull", True), ("held_by__isnull", True), ("held_until__isnull", True)),
                    models.Q(("held_at__isnull", False), ("held_by__isnull", False), ("held_until__isnull", False)),
                    _connector="OR",
                ),
                name="enrollment_held_by_someone_until",
            ),
        ),
        migrations.AddConstraint(
            "enrollment",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("enrolled_at__isnull", True),
                        ("enrolled_by__isnull", True),
                        ("held_at__isnull", False),
                        ("state", "held"),
                    ),
                    models.Q(
                        ("enrolled_at__isnull", True),
                        ("enrolled_by__isnull", True),
                        ("held_at__isnull", False),
                        ("state", "withdrawn"),
                    ),
                    models.Q(
                        models.Q(("state", "held"), _negated=True),
                        ("enrolled_at__isnull", False),
                        ("enrolled_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="enrollment_had_by_someones_deed",
            ),
        ),
        migrations.AddConstraint(
            "enrollment",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("state__in", ["held", "active"])),
                    models.Q(
                        models.Q(("state__in", ["held", "active"]), _negated=True),
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                    ),
                    models.Q(
                        ("ended_at", models.F("held_until")),
                        ("ended_by__isnull", True),
                        ("enrolled_at__isnull", True),
                        ("state", "withdrawn"),
                    ),
                    _connector="OR",
                ),
                name="enrollment_live_or_ended_by_someone",
            ),
        ),
        migrations.CreateModel(
            name="GroupAgreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("signature", models.CharField(max_length=210, verbose_name="name as typed")),
                ("text", models.TextField(max_length=20000, verbose_name="the whole text as shown")),
                ("text_version", models.CharField(max_length=20)),
                ("signed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "patient",
                    models.ForeignKey(on_delete=PROTECT, related_name="group_agreements", to="intake.patient"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ["-signed_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signature", ""), _negated=True),
                            models.Q(("text", ""), _negated=True),
                            models.Q(("text_version", ""), _negated=True),
                        ),
                        name="group_agreement_is_signed",
                    )
                ],
            },
        ),
    ]
