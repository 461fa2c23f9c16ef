"""The database knows the words of the catalog, now that every row has them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0011_states_methods_and_hours")]

    operations = [
        migrations.RemoveField("program", "methods_before"),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "in_review", "published", "retired"])),
                name="program_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(("format__in", ["group", "individual", "family"])), name="program_format_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("days_per_week__gte", 1),
                    ("days_per_week__lte", 7),
                    ("session_minutes__gte", 15),
                    ("session_minutes__lte", 720),
                ),
                name="program_week_is_a_week",
                violation_error_message="A week has 1 to 7 days of 15 to 720 minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "modalities__contained_by",
                        [
                            "cbt",
                            "behavioral_activation",
                            "dbt_mindfulness",
                            "dbt_distress_tolerance",
                            "dbt_emotion_regulation",
                            "dbt_interpersonal",
                            "emdr",
                            "mindfulness",
                            "medication_management",
                            "fitness",
                            "motivational_interviewing",
                            "relapse_prevention",
                            "contingency_management",
                            "pe",
                            "cpt",
                            "behavioral_couples",
                            "family_behavior",
                            "craft",
                            "psychoeducation",
                        ],
                    )
                ),
                name="program_modalities_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(("languages__contained_by", ["en", "es"])), name="program_languages_are_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("age_most__isnull", True), ("age_most__gte", models.F("age_least")), _connector="OR"
                ),
                name="program_ages_in_order",
                violation_error_message="The oldest age must not be below the youngest.",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats_least__gte", 1), ("seats_least__lte", models.F("seats"))),
                name="cohort_least_seats_within_seats",
                violation_error_message="The fewest people must be 1 or more, and not more than the seats.",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "in_review", "published", "retired"])),
                name="cohort_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("entry__in", ["open", "semi_open", "closed"])), name="cohort_entry_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment_options__contained_by", ["plan", "sliding_scale", "assistance"])),
                name="cohort_payment_options_are_known",
            ),
        ),
    ]
