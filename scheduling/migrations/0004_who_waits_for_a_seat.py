"""Who waits for a seat, what was offered, and every step of it, which stays."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEEP = """
CREATE TRIGGER waitlist_step_is_kept BEFORE UPDATE OR DELETE ON scheduling_waitliststep
    FOR EACH ROW EXECUTE FUNCTION refuse_change('waitlist_step_is_kept');
CREATE TRIGGER waitlist_entry_is_kept BEFORE DELETE ON scheduling_waitlistentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change('waitlist_entry_is_kept');
CREATE TRIGGER waitlist_entry_stays_ended BEFORE UPDATE ON scheduling_waitlistentry
    FOR EACH ROW WHEN (OLD.state IN ('placed', 'left')
        OR (OLD.patient_id, OLD.program_id, OLD.added_by_id, OLD.added_at)
            IS DISTINCT FROM (NEW.patient_id, NEW.program_id, NEW.added_by_id, NEW.added_at))
    EXECUTE FUNCTION refuse_change('waitlist_entry_stays_ended');
CREATE TRIGGER seat_offer_is_kept BEFORE DELETE ON scheduling_seatoffer
    FOR EACH ROW EXECUTE FUNCTION refuse_change('seat_offer_is_kept');
CREATE TRIGGER seat_offer_is_answered_once BEFORE UPDATE ON scheduling_seatoffer
    FOR EACH ROW WHEN (OLD.state <> 'open' OR (to_jsonb(OLD) - 'state') <> (to_jsonb(NEW) - 'state'))
    EXECUTE FUNCTION refuse_change('seat_offer_is_answered_once');
"""

LET_GO = """
DROP TRIGGER seat_offer_is_answered_once ON scheduling_seatoffer;
DROP TRIGGER seat_offer_is_kept ON scheduling_seatoffer;
DROP TRIGGER waitlist_entry_stays_ended ON scheduling_waitlistentry;
DROP TRIGGER waitlist_entry_is_kept ON scheduling_waitlistentry;
DROP TRIGGER waitlist_step_is_kept ON scheduling_waitliststep;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0010_registered_once_per_form"),
        ("programs", "0006_vignettes_that_come_along"),
        ("scheduling", "0003_seats_are_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitlistEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "urgency",
                    models.CharField(
                        choices=[("emergency", "Emergency"), ("urgent", "Urgent"), ("routine", "Routine")],
                        default="routine",
                        max_length=10,
                    ),
                ),
                ("referred_on", models.DateField()),
                ("interim", models.CharField(blank=True, max_length=300, verbose_name="support meanwhile")),
                ("safety_checked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("offered", "A place is offered"),
                            ("placed", "Has a place"),
                            ("left", "Left the list"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField(blank=True, null=True)),
                ("moved_reason", models.CharField(blank=True, max_length=300)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waitlist",
                        to="programs.cohort",
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waitlist_entries",
                        to="intake.patient",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waitlist", to="programs.program"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "waitlist entries",
            },
        ),
        migrations.CreateModel(
            name="SeatOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("offered_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Offered"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("expired", "Ran out"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="programs.cohort"
                    ),
                ),
                (
                    "offered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "seat",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offer", to="scheduling.enrollment"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="scheduling.waitlistentry",
                    ),
                ),
            ],
            options={
                "ordering": ["-offered_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="WaitlistStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("joined", "Joined the list"),
                            ("checked", "Asked whether they are safe"),
                            ("not_reached", "Tried to reach them"),
                            ("worried", "Asked whether they are safe: there is cause for concern"),
                            ("interim", "Support meanwhile"),
                            ("moved", "Moved to the front"),
                            ("moved_back", "Put back in order"),
                            ("urgency", "Urgency changed"),
                            ("offered", "Offered a place"),
                            ("passed", "Passed over"),
                            ("accepted", "Accepted the place"),
                            ("declined", "Declined the place"),
                            ("expired", "The offer ran out"),
                            ("left", "Left the list"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="scheduling.waitlistentry"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="waitlistentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("urgency__in", ["emergency", "urgent", "routine"])),
                name="waitlist_urgency_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitlistentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "offered", "placed", "left"])),
                name="waitlist_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitlistentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "offered"])),
                fields=("patient", "program"),
                name="waitlist_once_per_program",
                violation_error_message="This person already waits for this program.",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitlistentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("moved_at__isnull", True), ("moved_by__isnull", True), ("moved_reason", "")),
                    models.Q(
                        ("moved_at__isnull", False),
                        ("moved_by__isnull", False),
                        models.Q(("moved_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="waitlist_moved_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "accepted", "declined", "expired"])),
                name="seat_offer_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatoffer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("entry",),
                name="seat_offer_one_open_per_entry",
                violation_error_message="A place is already offered to this person.",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("offered_at"))), name="seat_offer_ends_after_it_begins"
            ),
        ),
        migrations.AddConstraint(
            model_name="waitliststep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["moved", "moved_back", "urgency", "passed", "left"]), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="waitlist_step_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitliststep",
            constraint=models.CheckConstraint(
                condition=models.Q(("by__isnull", False), ("kind", "expired"), _connector="OR"),
                name="waitlist_step_by_someone",
            ),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
