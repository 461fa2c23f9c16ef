"""Self-pay estimates and payment plans: their lines and installments add up to the whole when the transaction ends."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# An update of a table with a generated column is looked at afterward: before, the column is not there yet.
LOCK = """
CREATE FUNCTION refuse_unless_lines_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF (SELECT full_amount FROM intake_estimate WHERE id = parent)
        IS DISTINCT FROM (SELECT SUM(amount) FROM intake_estimateline WHERE estimate_id = parent) THEN
        RAISE EXCEPTION 'the lines of an estimate add up to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'estimate_lines_add_up';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_unless_installments_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF (SELECT total + charge FROM intake_paymentplan WHERE id = parent)
        IS DISTINCT FROM (SELECT SUM(amount) FROM intake_installment WHERE plan_id = parent) THEN
        RAISE EXCEPTION 'installments add up to the whole'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'installments_add_up';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER estimate_lines_add_up AFTER INSERT ON intake_estimate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unless_lines_add_up('id');
CREATE CONSTRAINT TRIGGER estimate_lines_add_up AFTER INSERT ON intake_estimateline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unless_lines_add_up('estimate_id');
CREATE CONSTRAINT TRIGGER installments_add_up AFTER INSERT ON intake_paymentplan
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unless_installments_add_up('id');
CREATE CONSTRAINT TRIGGER installments_add_up AFTER INSERT ON intake_installment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unless_installments_add_up('plan_id');

CREATE TRIGGER estimate_is_kept BEFORE DELETE ON intake_estimate
    FOR EACH ROW EXECUTE FUNCTION refuse_change('estimate_is_kept');
CREATE TRIGGER estimate_only_given_and_ended AFTER UPDATE ON intake_estimate
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (OLD.given_on IS NOT NULL AND (OLD.given_on, OLD.given_how, OLD.given_by_id)
            IS DISTINCT FROM (NEW.given_on, NEW.given_how, NEW.given_by_id))
        OR (to_jsonb(OLD) - '{given_on,given_how,given_by_id,ended_at,ended_by_id}'::text[])
            <> (to_jsonb(NEW) - '{given_on,given_how,given_by_id,ended_at,ended_by_id}'::text[]))
    EXECUTE FUNCTION refuse_change('estimate_only_given_and_ended');
CREATE TRIGGER estimate_line_is_kept BEFORE UPDATE OR DELETE ON intake_estimateline
    FOR EACH ROW EXECUTE FUNCTION refuse_change('estimate_line_is_kept');
CREATE TRIGGER payment_plan_is_kept BEFORE DELETE ON intake_paymentplan
    FOR EACH ROW EXECUTE FUNCTION refuse_change('payment_plan_is_kept');
CREATE TRIGGER payment_plan_only_ended BEFORE UPDATE ON intake_paymentplan
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (to_jsonb(OLD) - 'ended_at' - 'ended_by_id') <> (to_jsonb(NEW) - 'ended_at' - 'ended_by_id'))
    EXECUTE FUNCTION refuse_change('payment_plan_only_ended');
CREATE TRIGGER installment_is_kept BEFORE UPDATE OR DELETE ON intake_installment
    FOR EACH ROW EXECUTE FUNCTION refuse_change('installment_is_kept');
"""

UNLOCK = """
DROP TRIGGER installment_is_kept ON intake_installment;
DROP TRIGGER payment_plan_only_ended ON intake_paymentplan;
DROP TRIGGER payment_plan_is_kept ON intake_paymentplan;
DROP TRIGGER estimate_line_is_kept ON intake_estimateline;
DROP TRIGGER estimate_only_given_and_ended ON intake_estimate;
DROP TRIGGER estimate_is_kept ON intake_estimate;
DROP TRIGGER installments_add_up ON intake_installment;
DROP TRIGGER installments_add_up ON intake_paymentplan;
DROP TRIGGER estimate_lines_add_up ON intake_estimateline;
DROP TRIGGER estimate_lines_add_up ON intake_estimate;
DROP FUNCTION refuse_unless_installments_add_up();
DROP FUNCTION refuse_unless_lines_add_up();
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0011_authorizations")]

    operations = [
        migrations.CreateModel(
            name="Estimate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "why",
                    models.CharField(
                        choices=[("booked", "A session was booked"), ("asked", "The person asked for it")],
                        max_length=10,
                    ),
                ),
                ("since_on", models.DateField(verbose_name="booked or asked on")),
                ("first_on", models.DateField(blank=True, null=True, verbose_name="first session")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="to be given by")),
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
                (
                    "full_amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=9, validators=[django.core.validators.MinValueValidator(0)]
                    ),
                ),
                (
                    "household",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="people in the household"),
                ),
                (
                    "income",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="household income in a year",
                    ),
                ),
                ("income_shown", models.CharField(blank=True, max_length=200, verbose_name="what they showed")),
                ("scale_on", models.DateField(blank=True, null=True, verbose_name="scale in effect since")),
                (
                    "poverty_percent",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="percent of the poverty guideline"),
                ),
                ("discount", models.PositiveSmallIntegerField(default=0, verbose_name="discount in percent")),
                (
                    "amount",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.functions.comparison.Cast(
                                        models.F("full_amount"), models.DecimalField(decimal_places=4, max_digits=20)
                                    ),
                                    "*",
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(100), "-", models.F("discount")
                                    ),
                                ),
                                "/",
                                models.Value(100),
                            ),
                            models.Value(2),
                            function="TRUNC",
                            output_field=models.DecimalField(decimal_places=2, max_digits=9),
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=9),
                    ),
                ),
                ("given_on", models.DateField(blank=True, null=True)),
                (
                    "given_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hand", "In their hands"),
                            ("mail", "By mail"),
                            ("portal", "Electronically, as they asked"),
                        ],
                        max_length=10,
                    ),
                ),
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
                    "given_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="estimates", to="intake.patient"
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
            },
        ),
        migrations.CreateModel(
            name="EstimateLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("what", models.CharField(max_length=120)),
                ("code", models.CharField(blank=True, max_length=20)),
                ("quantity", models.PositiveSmallIntegerField()),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2, max_digits=9, validators=[django.core.validators.MinValueValidator(0)]
                    ),
                ),
                (
                    "amount",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("quantity"), "*", models.F("price")
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=9),
                    ),
                ),
                (
                    "estimate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="intake.estimate"
                    ),
                ),
            ],
            options={
                "ordering": ["estimate", "position"],
            },
        ),
        migrations.CreateModel(
            name="PaymentPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="amount to pay in parts",
                    ),
                ),
                (
                    "charge",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="charge for paying in parts",
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        choices=[("weekly", "Every week"), ("biweekly", "Every 2 weeks"), ("monthly", "Every month")],
                        max_length=10,
                    ),
                ),
                ("agreed_on", models.DateField()),
                ("disclosure", models.CharField(blank=True, max_length=120, verbose_name="credit disclosure given")),
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
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_plans", to="intake.patient"
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
            },
        ),
        migrations.CreateModel(
            name="Installment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=9, validators=[django.core.validators.MinValueValidator(0)]
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="installments",
                        to="intake.paymentplan",
                    ),
                ),
            ],
            options={
                "ordering": ["plan", "number"],
            },
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("why", "asked"),
                    models.Q(("first_on__gte", models.F("since_on")), ("first_on__isnull", False), ("why", "booked")),
                    _connector="OR",
                ),
                name="estimate_says_what_set_the_clock",
                violation_error_message="Enter the first session that was booked.",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__isnull", True), ("due_on__gt", models.F("since_on")), _connector="OR"),
                name="estimate_due_after_it_was_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(("full_amount__gt", 0)), name="estimate_is_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("household__isnull", True),
                        ("income__isnull", True),
                        ("poverty_percent__isnull", True),
                        ("scale_on__isnull", True),
                    ),
                    models.Q(
                        ("household__gte", 1),
                        ("household__isnull", False),
                        ("income__gte", 0),
                        ("income__isnull", False),
                        ("poverty_percent__isnull", False),
                        ("scale_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="estimate_income_is_of_a_household",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("discount", 0),
                    models.Q(("discount__lte", 100), ("poverty_percent__isnull", False), ("poverty_percent__lte", 200)),
                    _connector="OR",
                ),
                name="estimate_no_discount_above_200_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_by__isnull", True), ("given_how", ""), ("given_on__isnull", True)),
                    models.Q(
                        ("given_by__isnull", False),
                        ("given_how__in", ["hand", "mail", "portal"]),
                        ("given_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="estimate_given_by_someone_somehow",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="estimate_ended_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("patient",), name="estimate_one_live_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="estimateline",
            constraint=models.UniqueConstraint(fields=("estimate", "position"), name="estimate_line_position_once"),
        ),
        migrations.AddConstraint(
            model_name="estimateline",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("what", ""), _negated=True), ("price__gte", 0), ("quantity__gte", 1)),
                name="estimate_line_is_complete",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("charge__gte", 0), ("total__gt", 0)),
                name="payment_plan_is_above_zero",
                violation_error_message="Enter an amount above 0 dollars.",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("rhythm__in", ["weekly", "biweekly", "monthly"])),
                name="payment_plan_rhythm_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="payment_plan_ended_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("patient",),
                name="payment_plan_one_live_per_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="installment",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="installment_number_once"),
        ),
        migrations.AddConstraint(
            model_name="installment",
            constraint=models.UniqueConstraint(fields=("plan", "due_on"), name="installment_day_once"),
        ),
        migrations.AddConstraint(
            model_name="installment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("number__gte", 1)), name="installment_is_above_zero"
            ),
        ),
        migrations.RunSQL(LOCK, UNLOCK),
    ]
