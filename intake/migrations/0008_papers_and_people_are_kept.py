"""Coverage, wishes and support people end and are not deleted; who stands by somebody is not written over."""

from django.db import migrations, models

LOCK = """
CREATE TRIGGER coverage_is_kept BEFORE DELETE ON intake_coverage
    FOR EACH ROW EXECUTE FUNCTION refuse_change('coverage_is_kept');
CREATE TRIGGER contact_wish_is_kept BEFORE DELETE ON intake_contactwish
    FOR EACH ROW EXECUTE FUNCTION refuse_change('contact_wish_is_kept');
CREATE TRIGGER support_person_is_kept BEFORE DELETE ON intake_supportperson
    FOR EACH ROW EXECUTE FUNCTION refuse_change('support_person_is_kept');
CREATE TRIGGER support_person_only_ended BEFORE UPDATE ON intake_supportperson
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (to_jsonb(OLD) - 'ended_at' - 'ended_by_id') <> (to_jsonb(NEW) - 'ended_at' - 'ended_by_id'))
    EXECUTE FUNCTION refuse_change('support_person_only_ended');
"""

UNLOCK = """
DROP TRIGGER support_person_only_ended ON intake_supportperson;
DROP TRIGGER support_person_is_kept ON intake_supportperson;
DROP TRIGGER contact_wish_is_kept ON intake_contactwish;
DROP TRIGGER coverage_is_kept ON intake_coverage;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_no_tick_for_reminders")]

    operations = [
        migrations.AddConstraint(
            model_name="supportperson",
            constraint=models.CheckConstraint(condition=~models.Q(name=""), name="support_person_has_a_name"),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(condition=models.Q(rank__in=[1, 2]), name="coverage_rank_is_known"),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(check_expires_on__gte=models.F("told_on")),
                name="coverage_check_holds_from_when_told",
                violation_error_message="A check cannot be over before the day you were told.",
            ),
        ),
        migrations.RunSQL(LOCK, UNLOCK),
    ]
