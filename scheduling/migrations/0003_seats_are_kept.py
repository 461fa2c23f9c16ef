"""The database keeps what a seat may become, and that no cohort has fewer seats than are taken."""

from django.db import migrations

KEEP = """
CREATE TRIGGER enrollment_moves_by_its_table BEFORE UPDATE ON scheduling_enrollment
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('held', 'active'), ('held', 'withdrawn'),
        ('active', 'completed'), ('active', 'withdrawn'), ('active', 'transferred')))
    EXECUTE FUNCTION refuse_change('enrollment_moves_by_its_table');

CREATE TRIGGER enrollment_is_whose_it_is BEFORE UPDATE ON scheduling_enrollment
    FOR EACH ROW WHEN ((OLD.patient_id, OLD.cohort_id, OLD.kind) IS DISTINCT FROM
                       (NEW.patient_id, NEW.cohort_id, NEW.kind))
    EXECUTE FUNCTION refuse_change('enrollment_is_whose_it_is');

CREATE TRIGGER enrollment_is_kept BEFORE DELETE ON scheduling_enrollment
    FOR EACH ROW EXECUTE FUNCTION refuse_change('enrollment_is_kept');

CREATE TRIGGER group_agreement_is_kept BEFORE UPDATE OR DELETE ON scheduling_groupagreement
    FOR EACH ROW EXECUTE FUNCTION refuse_change('group_agreement_is_kept');

-- Before this runs the row of the cohort is locked, so that it waits for whoever is giving a seat there, and counts it.
CREATE FUNCTION refuse_fewer_seats_than_taken() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken integer;
BEGIN
    SELECT count(*) INTO taken FROM scheduling_enrollment WHERE cohort_id = NEW.id
        AND (state = 'active' OR (state = 'held' AND held_until > clock_timestamp()));
    IF NEW.seats < taken THEN
        RAISE EXCEPTION 'more seats are taken than would be left'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'cohort_keeps_the_seats_that_are_taken';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cohort_keeps_the_seats_that_are_taken BEFORE UPDATE OF seats ON programs_cohort
    FOR EACH ROW WHEN (NEW.seats < OLD.seats) EXECUTE FUNCTION refuse_fewer_seats_than_taken();
"""

LET_GO = """
DROP TRIGGER cohort_keeps_the_seats_that_are_taken ON programs_cohort;
DROP FUNCTION refuse_fewer_seats_than_taken();
DROP TRIGGER group_agreement_is_kept ON scheduling_groupagreement;
DROP TRIGGER enrollment_is_kept ON scheduling_enrollment;
DROP TRIGGER enrollment_is_whose_it_is ON scheduling_enrollment;
DROP TRIGGER enrollment_moves_by_its_table ON scheduling_enrollment;
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0002_seats_are_held_and_end"), ("accounts", "0002_append_only")]

    operations = [migrations.RunSQL(KEEP, LET_GO)]
