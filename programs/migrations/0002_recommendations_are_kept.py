"""A recommendation and what was decided over it are never changed; a new row says what is new."""

from django.db import migrations

KEEP = """
CREATE TRIGGER recommendation_is_kept BEFORE UPDATE OR DELETE ON programs_recommendation
    FOR EACH ROW EXECUTE FUNCTION refuse_change('recommendation_is_kept');
CREATE TRIGGER decision_is_kept BEFORE UPDATE OR DELETE ON programs_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change('decision_is_kept');
"""

LET_GO = """
DROP TRIGGER recommendation_is_kept ON programs_recommendation;
DROP TRIGGER decision_is_kept ON programs_decision;
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial"), ("accounts", "0002_append_only")]

    operations = [migrations.RunSQL(KEEP, LET_GO)]
