"""Programs and cohorts say what they offer, to whom, and who stands behind them; the old words move in 0011."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_access_features_of_places"),
        ("programs", "0009_what_reports_count_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Accreditation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "body",
                    models.CharField(
                        choices=[("joint_commission", "The Joint Commission"), ("carf", "CARF"), ("other", "Other")],
                        max_length=20,
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                ("expires_on", models.DateField(verbose_name="last day")),
            ],
            options={
                "ordering": ["body", "-expires_on"],
            },
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="For example: Thanksgiving", max_length=80)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The first day on which it is open again.")),
            ],
            options={
                "ordering": ["starts_on"],
            },
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("psychologist", "Psychologist"),
                            ("social_worker", "Clinical social worker (LCSW, LICSW)"),
                            ("counselor", "Professional counselor (LPC, LPCC, LMHC)"),
                            ("family_therapist", "Marriage and family therapist (LMFT)"),
                            ("psychiatrist", "Psychiatrist"),
                            ("psychiatric_nurse", "Psychiatric nurse practitioner (PMHNP)"),
                            ("addiction_counselor", "Alcohol and drug counselor (CADC, LADC, LCDC)"),
                            ("physician", "Physician (MD, DO)"),
                            ("nurse_practitioner", "Nurse practitioner"),
                            ("physician_assistant", "Physician assistant"),
                            ("nurse", "Nurse"),
                            ("dbt", "DBT training and consultation team"),
                            ("pe", "PE training"),
                            ("cpt", "CPT training"),
                            ("emdr", "EMDR training"),
                            ("peer", "Certified peer specialist"),
                            ("associate", "Supervised associate"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{2}\\Z", "Enter the two letters of a state, for example IL."
                            )
                        ],
                    ),
                ),
                ("expires_on", models.DateField(verbose_name="last day")),
            ],
            options={
                "ordering": ["user__name", "expires_on"],
            },
        ),
        migrations.CreateModel(
            name="EntryDate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="people join on")),
            ],
            options={
                "ordering": ["on"],
            },
        ),
        migrations.CreateModel(
            name="LevelHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("outpatient", "Outpatient"),
                            ("iop", "Intensive outpatient"),
                            ("php", "Partial hospitalization"),
                            ("residential", "Residential"),
                            ("inpatient", "Inpatient"),
                        ],
                        max_length=12,
                        unique=True,
                    ),
                ),
                ("least_minutes", models.PositiveSmallIntegerField(verbose_name="least minutes a week")),
                (
                    "most_minutes",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: no limit.", null=True, verbose_name="most minutes a week"
                    ),
                ),
            ],
            options={
                "verbose_name": "hours of a level",
                "verbose_name_plural": "hours of a level",
                "ordering": ["least_minutes"],
            },
        ),
        migrations.CreateModel(
            name="Payer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("is_active", models.BooleanField(default=True, verbose_name="contract in force")),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="program",
            name="program_state_is_known",
        ),
        migrations.AddField(
            model_name="cohort",
            name="closed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="cohort",
            name="co_facilitators",
            field=models.ManyToManyField(blank=True, related_name="cohorts_beside", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="cohort",
            name="entry",
            field=models.CharField(
                choices=[
                    ("open", "Open: join any week"),
                    ("semi_open", "Semi-open: join on entry dates"),
                    ("closed", "Closed: join until the last entry date"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="cohort",
            name="payment_options",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("plan", "Payment plan"),
                        ("sliding_scale", "Sliding scale by income"),
                        ("assistance", "Financial assistance"),
                    ],
                    max_length=16,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="cohort",
            name="published_as",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="cohort",
            name="published_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="cohort",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cohort",
            name="seats_least",
            field=models.PositiveSmallIntegerField(
                default=4,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(40)],
                verbose_name="fewest people",
            ),
        ),
        migrations.AddField(
            model_name="cohort",
            name="submitted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="cohort",
            name="submitted_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="age_least",
            field=models.PositiveSmallIntegerField(default=18, verbose_name="youngest age"),
        ),
        migrations.AddField(
            model_name="program",
            name="age_most",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Empty: no limit.", null=True, verbose_name="oldest age"
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="days_per_week",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(7)],
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="evidence_note",
            field=models.TextField(
                blank=True, help_text="For staff: why these methods, with the source.", max_length=2000
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="format",
            field=models.CharField(
                choices=[("group", "Group"), ("individual", "One-to-one"), ("family", "Family")],
                default="group",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=[("en", "English"), ("es", "Spanish")], max_length=5),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="session_minutes",
            field=models.PositiveSmallIntegerField(
                default=180,
                validators=[
                    django.core.validators.MinValueValidator(15),
                    django.core.validators.MaxValueValidator(720),
                ],
                verbose_name="minutes a day",
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="submitted_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="published_as",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="program",
            name="published_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="program",
            name="states_licensed",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    max_length=2,
                    validators=[
                        django.core.validators.RegexValidator(
                            "\\A[A-Z]{2}\\Z", "Enter the two letters of a state, for example IL."
                        )
                    ],
                ),
                blank=True,
                default=list,
                help_text="Two letters each, for example: IL, WI",
                size=None,
                verbose_name="states in which people may be who attend online",
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="submitted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="program",
            name="telehealth",
            field=models.BooleanField(default=False, verbose_name="can be attended online"),
        ),
        migrations.AlterField(
            model_name="cohort",
            name="last_entry_on",
            field=models.DateField(help_text="The last day on which people join.", verbose_name="last entry date"),
        ),
        migrations.AlterField(
            model_name="cohort",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("in_review", "In review"),
                    ("published", "Published"),
                    ("retired", "Retired"),
                ],
                default="draft",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.RenameField("program", "modalities", "methods_before"),
        migrations.AddField(
            model_name="program",
            name="modalities",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("cbt", "Cognitive behavioral therapy (CBT)"),
                        ("behavioral_activation", "Behavioral activation"),
                        ("dbt_mindfulness", "DBT skills: mindfulness"),
                        ("dbt_distress_tolerance", "DBT skills: distress tolerance"),
                        ("dbt_emotion_regulation", "DBT skills: emotion regulation"),
                        ("dbt_interpersonal", "DBT skills: interpersonal effectiveness"),
                        ("emdr", "EMDR"),
                        ("mindfulness", "Mindfulness"),
                        ("medication_management", "Medication management"),
                        ("fitness", "Fitness"),
                        ("motivational_interviewing", "Motivational interviewing"),
                        ("relapse_prevention", "Relapse prevention"),
                        ("contingency_management", "Contingency management"),
                        ("pe", "Prolonged exposure (PE)"),
                        ("cpt", "Cognitive processing therapy (CPT)"),
                        ("behavioral_couples", "Behavioral couples therapy"),
                        ("family_behavior", "Family behavior therapy"),
                        ("craft", "CRAFT"),
                        ("psychoeducation", "Psychoeducation"),
                    ],
                    max_length=32,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="program",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("in_review", "In review"),
                    ("published", "Published"),
                    ("retired", "Retired"),
                ],
                default="draft",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="accreditation",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="accreditations", to="programs.program"
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="location",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: everywhere.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="closures",
                to="accounts.location",
            ),
        ),
        migrations.AddField(
            model_name="credential",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="credentials", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="entrydate",
            name="cohort",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="entry_dates", to="programs.cohort"
            ),
        ),
        migrations.AddConstraint(
            model_name="levelhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("most_minutes__isnull", True), ("most_minutes__gte", models.F("least_minutes")), _connector="OR"
                ),
                name="level_hours_in_order",
                violation_error_message="The most must not be below the least.",
            ),
        ),
        migrations.AddConstraint(
            model_name="levelhours",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["outpatient", "iop", "php", "residential", "inpatient"])),
                name="level_hours_of_a_level",
            ),
        ),
        migrations.AddField(
            model_name="cohort",
            name="payers",
            field=models.ManyToManyField(blank=True, related_name="cohorts", to="programs.payer"),
        ),
        migrations.AddConstraint(
            model_name="accreditation",
            constraint=models.UniqueConstraint(
                fields=("program", "body", "number"), name="accreditation_recorded_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="accreditation",
            constraint=models.CheckConstraint(
                condition=models.Q(("body__in", ["joint_commission", "carf", "other"])),
                name="accreditation_body_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_on__lt", models.F("ends_on"))),
                name="closure_starts_before_it_ends",
                violation_error_message="The end must be after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.UniqueConstraint(
                fields=("user", "kind", "state", "number", "expires_on"), name="credential_recorded_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "psychologist",
                            "social_worker",
                            "counselor",
                            "family_therapist",
                            "psychiatrist",
                            "psychiatric_nurse",
                            "addiction_counselor",
                            "physician",
                            "nurse_practitioner",
                            "physician_assistant",
                            "nurse",
                            "dbt",
                            "pe",
                            "cpt",
                            "emdr",
                            "peer",
                            "associate",
                        ],
                    )
                ),
                name="credential_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="entrydate",
            constraint=models.UniqueConstraint(fields=("cohort", "on"), name="entry_date_named_once"),
        ),
        migrations.AddField(
            model_name="program",
            name="minutes_per_week",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.expressions.CombinedExpression(
                    models.F("days_per_week"), "*", models.F("session_minutes")
                ),
                output_field=models.PositiveSmallIntegerField(),
            ),
        ),
    ]
