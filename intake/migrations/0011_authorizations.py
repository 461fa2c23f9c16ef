"""What a payer allowed, in units, or why not; a decision follows the one before and ends it."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

LOCK = """
CREATE TRIGGER authorization_is_kept BEFORE DELETE ON intake_authorization
    FOR EACH ROW EXECUTE FUNCTION refuse_change('authorization_is_kept');
CREATE TRIGGER authorization_only_ended BEFORE UPDATE ON intake_authorization
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (to_jsonb(OLD) - 'ended_at' - 'ended_by_id') <> (to_jsonb(NEW) - 'ended_at' - 'ended_by_id'))
    EXECUTE FUNCTION refuse_change('authorization_only_ended');
"""

UNLOCK = """
DROP TRIGGER authorization_only_ended ON intake_authorization;
DROP TRIGGER authorization_is_kept ON intake_authorization;
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("intake", "0010_registered_once_per_form"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("payer", models.CharField(max_length=120)),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="authorization number")),
                ("codes", models.CharField(blank=True, max_length=120, verbose_name="codes the payer authorized")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("iop", "Intensive outpatient"),
                            ("php", "Partial hospitalization"),
                            ("outpatient", "Outpatient"),
                        ],
                        max_length=20,
                    ),
                ),
                ("asked_on", models.DateField(verbose_name="asked for on")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for the payer"),
                            ("approved", "Approved"),
                            ("partial", "Approved in part"),
                            ("denied", "Denied"),
                        ],
                        max_length=10,
                    ),
                ),
                ("decided_on", models.DateField(blank=True, null=True)),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("days", "Days"),
                            ("visits", "Visits"),
                            ("hours", "Hours"),
                            ("units", "Units of a per diem"),
                        ],
                        max_length=10,
                        verbose_name="counted in",
                    ),
                ),
                ("units", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="units authorized")),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "last_covered_on",
                    models.DateField(blank=True, null=True, verbose_name="last covered day, when earlier"),
                ),
                ("per_week", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="at most in a week")),
                ("review_due_on", models.DateField(blank=True, null=True, verbose_name="concurrent review due")),
                (
                    "retroactive",
                    models.CharField(blank=True, max_length=120, verbose_name="window for asking afterward"),
                ),
                ("denial_reason", models.CharField(blank=True, max_length=300)),
                ("appeal_by_on", models.DateField(blank=True, null=True, verbose_name="appeal by")),
                (
                    "second_appeal_by_on",
                    models.DateField(blank=True, null=True, verbose_name="second or outside appeal by"),
                ),
                ("peer_to_peer", models.CharField(blank=True, max_length=500, verbose_name="peer-to-peer call")),
                ("told_by", models.CharField(max_length=120, verbose_name="who told us")),
                ("told_on", models.DateField(verbose_name="when")),
                ("reference", models.CharField(max_length=60, verbose_name="reference of the call or letter")),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "follows",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed",
                        to="intake.authorization",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="authorizations", to="intake.patient"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision__in", ["pending", "approved", "partial", "denied"]),
                            ("unit__in", ["days", "visits", "hours", "units"]),
                            ("level__in", ["iop", "php", "outpatient"]),
                        ),
                        name="authorization_words_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision__in", ["approved", "partial"]), _negated=True),
                            models.Q(
                                models.Q(("number", ""), _negated=True),
                                ("decided_on__isnull", False),
                                ("ends_on__isnull", False),
                                ("starts_on__isnull", False),
                                ("units__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="authorization_says_what_is_allowed",
                        violation_error_message="What the payer allowed needs a number, units, the first day and the last.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "denied"), _negated=True),
                            models.Q(models.Q(("denial_reason", ""), _negated=True), ("decided_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="authorization_denied_says_why",
                        violation_error_message="Write down the reason the payer gave, and the day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("units__isnull", True), ("units__gte", 1), _connector="OR"),
                            models.Q(("per_week__isnull", True), ("per_week__gte", 1), _connector="OR"),
                        ),
                        name="authorization_units_are_counted",
                        violation_error_message="Enter 1 unit or more.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on__isnull", True),
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="authorization_ends_after_it_begins",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_covered_on__isnull", True),
                            models.Q(
                                ("ends_on__isnull", False),
                                ("last_covered_on__gte", models.F("starts_on")),
                                ("last_covered_on__lte", models.F("ends_on")),
                                ("starts_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="authorization_covers_days_within",
                        violation_error_message="The last covered day lies between the first day and the last.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_appeal_by_on__isnull", True),
                            ("appeal_by_on__isnull", True),
                            ("second_appeal_by_on__gte", models.F("appeal_by_on")),
                            _connector="OR",
                        ),
                        name="authorization_appeals_in_order",
                        violation_error_message="The second appeal cannot be due before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("payer", ""), _negated=True),
                            models.Q(("told_by", ""), _negated=True),
                            models.Q(("reference", ""), _negated=True),
                        ),
                        name="authorization_says_who_told_us",
                        violation_error_message="Say who told you, and the reference.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="authorization_ended_by_someone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), models.Q(("number", ""), _negated=True)),
                        fields=("patient", "payer", "number"),
                        name="authorization_number_is_live_once",
                        violation_error_message="This number already stands on the record.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(LOCK, UNLOCK),
    ]
