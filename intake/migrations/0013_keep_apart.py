"""Pairs of people who are not put together; they end, and are not deleted or written over."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

LOCK = """
CREATE TRIGGER keep_apart_is_kept BEFORE DELETE ON intake_keepapart
    FOR EACH ROW EXECUTE FUNCTION refuse_change('keep_apart_is_kept');
CREATE TRIGGER keep_apart_only_ended BEFORE UPDATE ON intake_keepapart
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (to_jsonb(OLD) - 'ended_at' - 'ended_by_id') <> (to_jsonb(NEW) - 'ended_at' - 'ended_by_id'))
    EXECUTE FUNCTION refuse_change('keep_apart_only_ended');
"""

UNLOCK = """
DROP TRIGGER keep_apart_only_ended ON intake_keepapart;
DROP TRIGGER keep_apart_is_kept ON intake_keepapart;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0012_estimates_and_payment_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeepApart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("relative", "Relatives"),
                            ("partner", "Partners, or former partners"),
                            ("harm", "One has harmed the other, or fear of it"),
                            ("colleague", "Colleagues or neighbors"),
                            ("other", "Another reason"),
                        ],
                        max_length=10,
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="intake.patient"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="intake.patient"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people kept apart",
                "ordering": ["-recorded_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="keep_apart_two_people_in_order"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("first", "second"),
                        name="keep_apart_once",
                        violation_error_message="These two are kept apart already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="keep_apart_ended_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why__in", ["relative", "partner", "harm", "colleague", "other"])),
                        name="keep_apart_reason_is_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(LOCK, UNLOCK),
    ]
