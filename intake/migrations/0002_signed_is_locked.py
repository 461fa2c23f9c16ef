"""What was signed stays: neither the assessment nor its answers change, and no answer is lost from history."""

from django.db import migrations

LOCK = """
CREATE TRIGGER assessment_signed_is_locked BEFORE UPDATE OR DELETE ON intake_assessment
    FOR EACH ROW WHEN (OLD.state = 'signed') EXECUTE FUNCTION refuse_change('assessment_signed_is_locked');

CREATE FUNCTION refuse_answers_of_signed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.assessment_id ELSE NEW.assessment_id END;
    found text;
BEGIN
    -- The row lock makes a save that races with a signature wait for it, and then be refused.
    SELECT state INTO found FROM intake_assessment WHERE id = parent FOR SHARE;
    IF found = 'signed' OR (TG_OP = 'UPDATE' AND OLD.assessment_id <> NEW.assessment_id) THEN
        RAISE EXCEPTION 'answers of a signed assessment are locked'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'response_of_signed_is_locked';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER response_of_signed_is_locked BEFORE INSERT OR UPDATE OR DELETE ON intake_questionnaireresponse
    FOR EACH ROW EXECUTE FUNCTION refuse_answers_of_signed();

CREATE TRIGGER answer_change_is_kept BEFORE UPDATE OR DELETE ON intake_answerchange
    FOR EACH ROW EXECUTE FUNCTION refuse_change('answer_change_is_kept');
"""

UNLOCK = """
DROP TRIGGER answer_change_is_kept ON intake_answerchange;
DROP TRIGGER response_of_signed_is_locked ON intake_questionnaireresponse;
DROP FUNCTION refuse_answers_of_signed();
DROP TRIGGER assessment_signed_is_locked ON intake_assessment;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("accounts", "0002_append_only")]

    operations = [migrations.RunSQL(LOCK, UNLOCK)]
