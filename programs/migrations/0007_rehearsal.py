"""Whose result a rule set would change is a row: asked by somebody, worked out by a worker, then kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEEP = """
CREATE TRIGGER rehearsal_once_done_is_kept BEFORE UPDATE OR DELETE ON programs_rehearsal
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION refuse_change('rehearsal_once_done_is_kept');

CREATE TRIGGER rehearsal_question_stays BEFORE UPDATE ON programs_rehearsal
    FOR EACH ROW WHEN ((OLD.before_id, OLD.after_id, OLD.after_hash, OLD.asked_by_id, OLD.asked_at)
        IS DISTINCT FROM (NEW.before_id, NEW.after_id, NEW.after_hash, NEW.asked_by_id, NEW.asked_at))
    EXECUTE FUNCTION refuse_change('rehearsal_question_stays');
"""

LET_GO = """
DROP TRIGGER rehearsal_question_stays ON programs_rehearsal;
DROP TRIGGER rehearsal_once_done_is_kept ON programs_rehearsal;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0006_vignettes_that_come_along"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after_hash", models.CharField(max_length=64, verbose_name="SHA-256 of the document that was tried")),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "failed",
                    models.CharField(blank=True, max_length=200, verbose_name="why there is no outcome, for people"),
                ),
                ("outcome", models.JSONField(blank=True, null=True)),
                (
                    "after",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rehearsals", to="programs.ruleset"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.ruleset"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)),
                        fields=("before", "after", "after_hash"),
                        name="rehearsal_one_under_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("before", models.F("after")), _negated=True),
                        name="rehearsal_of_two_rule_sets",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("failed", ""), ("outcome__isnull", True)),
                            models.Q(("done_at__isnull", False), ("failed", ""), ("outcome__isnull", False)),
                            models.Q(
                                ("done_at__isnull", False),
                                ("outcome__isnull", True),
                                models.Q(("failed", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="rehearsal_ends_with_an_outcome_or_a_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
