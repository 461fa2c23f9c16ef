"""What was sent, closed, agreed or planned stays: triggers refuse its change and its loss."""

from django.db import migrations

LOCK = """
CREATE OR REPLACE FUNCTION refuse_answers_of_signed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    answers intake_questionnaireresponse := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    is_locked boolean;
BEGIN
    -- The row lock makes a save that races with a signature, or with sending, wait for it, and then be refused.
    IF answers.assessment_id IS NOT NULL THEN
        SELECT state = 'signed' INTO is_locked FROM intake_assessment WHERE id = answers.assessment_id FOR SHARE;
    ELSE
        SELECT submitted_at IS NOT NULL OR withdrawn_at IS NOT NULL INTO is_locked
        FROM intake_assignment WHERE id = answers.assignment_id FOR SHARE;
    END IF;
    IF is_locked OR (TG_OP = 'UPDATE' AND (OLD.assessment_id IS DISTINCT FROM NEW.assessment_id
                                           OR OLD.assignment_id IS DISTINCT FROM NEW.assignment_id)) THEN
        RAISE EXCEPTION 'answers that were signed or sent are locked'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'response_of_signed_is_locked';
    END IF;
    RETURN answers;
END $$;

CREATE FUNCTION refuse_unless_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM intake_assessment WHERE id = NEW.assessment_id AND state = 'signed') THEN
        RAISE EXCEPTION 'an addendum is for a signed assessment'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'addendum_is_for_a_signed_assessment';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER addendum_is_for_a_signed_assessment BEFORE INSERT ON intake_addendum
    FOR EACH ROW EXECUTE FUNCTION refuse_unless_signed();
CREATE TRIGGER addendum_is_kept BEFORE UPDATE OR DELETE ON intake_addendum
    FOR EACH ROW EXECUTE FUNCTION refuse_change('addendum_is_kept');
CREATE TRIGGER instrument_text_is_kept BEFORE UPDATE OR DELETE ON intake_instrumenttext
    FOR EACH ROW EXECUTE FUNCTION refuse_change('instrument_text_is_kept');

CREATE TRIGGER assignment_begun_is_kept BEFORE DELETE ON intake_assignment
    FOR EACH ROW WHEN (OLD.started_at IS NOT NULL) EXECUTE FUNCTION refuse_change('assignment_begun_is_kept');
CREATE TRIGGER assignment_sent_once BEFORE UPDATE ON intake_assignment
    FOR EACH ROW WHEN (OLD.submitted_at IS NOT NULL AND OLD.submitted_at IS DISTINCT FROM NEW.submitted_at)
    EXECUTE FUNCTION refuse_change('assignment_sent_once');

CREATE TRIGGER safety_event_is_kept BEFORE DELETE ON intake_safetyevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change('safety_event_is_kept');
CREATE TRIGGER safety_event_closed_stays BEFORE UPDATE ON intake_safetyevent
    FOR EACH ROW WHEN (OLD.state = 'closed') EXECUTE FUNCTION refuse_change('safety_event_closed_stays');
CREATE TRIGGER safety_step_is_kept BEFORE UPDATE OR DELETE ON intake_safetystep
    FOR EACH ROW EXECUTE FUNCTION refuse_change('safety_step_is_kept');
CREATE TRIGGER safety_plan_is_kept BEFORE UPDATE OR DELETE ON intake_safetyplan
    FOR EACH ROW EXECUTE FUNCTION refuse_change('safety_plan_is_kept');

CREATE TRIGGER consent_is_kept BEFORE DELETE ON intake_consent
    FOR EACH ROW EXECUTE FUNCTION refuse_change('consent_is_kept');
CREATE TRIGGER consent_only_revoked BEFORE UPDATE ON intake_consent
    FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL
        OR (to_jsonb(OLD) - 'revoked_at' - 'revoked_by_id') <> (to_jsonb(NEW) - 'revoked_at' - 'revoked_by_id'))
    EXECUTE FUNCTION refuse_change('consent_only_revoked');

CREATE TRIGGER contact_wish_only_ended BEFORE UPDATE ON intake_contactwish
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL OR (to_jsonb(OLD) - 'ended_at') <> (to_jsonb(NEW) - 'ended_at'))
    EXECUTE FUNCTION refuse_change('contact_wish_only_ended');
CREATE TRIGGER coverage_only_ended BEFORE UPDATE ON intake_coverage
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL OR (to_jsonb(OLD) - 'ended_at') <> (to_jsonb(NEW) - 'ended_at'))
    EXECUTE FUNCTION refuse_change('coverage_only_ended');
"""

UNLOCK = """
DROP TRIGGER coverage_only_ended ON intake_coverage;
DROP TRIGGER contact_wish_only_ended ON intake_contactwish;
DROP TRIGGER consent_only_revoked ON intake_consent;
DROP TRIGGER consent_is_kept ON intake_consent;
DROP TRIGGER safety_plan_is_kept ON intake_safetyplan;
DROP TRIGGER safety_step_is_kept ON intake_safetystep;
DROP TRIGGER safety_event_closed_stays ON intake_safetyevent;
DROP TRIGGER safety_event_is_kept ON intake_safetyevent;
DROP TRIGGER assignment_sent_once ON intake_assignment;
DROP TRIGGER assignment_begun_is_kept ON intake_assignment;
DROP TRIGGER instrument_text_is_kept ON intake_instrumenttext;
DROP TRIGGER addendum_is_kept ON intake_addendum;
DROP TRIGGER addendum_is_for_a_signed_assessment ON intake_addendum;
DROP FUNCTION refuse_unless_signed();

CREATE OR REPLACE FUNCTION refuse_answers_of_signed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.assessment_id ELSE NEW.assessment_id END;
    found text;
BEGIN
    SELECT state INTO found FROM intake_assessment WHERE id = parent FOR SHARE;
    IF found = 'signed' OR (TG_OP = 'UPDATE' AND OLD.assessment_id <> NEW.assessment_id) THEN
        RAISE EXCEPTION 'answers of a signed assessment are locked'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'response_of_signed_is_locked';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_people_forms_safety_papers")]

    operations = [migrations.RunSQL(LOCK, UNLOCK)]
