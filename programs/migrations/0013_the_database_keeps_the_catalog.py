"""
The database keeps what a form could be got round: hours of a level, meetings that overlap, entry dates
outside the run, expired credentials of who leads, and the second person who publishes.

What several rows say together is looked at when the transaction ends, under the cohort's lock: whoever
publishes a cohort and whoever takes a meeting out of it at the same time see each other.
"""

from django.db import migrations

KEEP = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE programs_block ADD CONSTRAINT block_meets_at_one_time EXCLUDE USING gist (
    cohort_id WITH =,
    int4range((weekday * 1440 + extract(hour FROM starts) * 60 + extract(minute FROM starts))::int,
              (weekday * 1440 + extract(hour FROM starts) * 60 + extract(minute FROM starts) + minutes)::int) WITH &&
) DEFERRABLE INITIALLY DEFERRED;

-- Moves between states, and who makes them.

CREATE TRIGGER program_moves_by_its_table BEFORE UPDATE ON programs_program
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'in_review'), ('draft', 'retired'), ('in_review', 'draft'), ('in_review', 'published'),
        ('published', 'draft'), ('published', 'retired')))
    EXECUTE FUNCTION refuse_change('program_moves_by_its_table');
CREATE TRIGGER cohort_moves_by_its_table BEFORE UPDATE ON programs_cohort
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'in_review'), ('draft', 'retired'), ('in_review', 'draft'), ('in_review', 'published'),
        ('published', 'draft'), ('published', 'retired')))
    EXECUTE FUNCTION refuse_change('cohort_moves_by_its_table');

-- What was published before there were reviews has no names, and stays.
CREATE FUNCTION refuse_one_person_publishing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'published'
            AND (OLD.submitted_by_id, OLD.published_by_id) IS NOT DISTINCT FROM (NEW.submitted_by_id, NEW.published_by_id)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NEW.submitted_by_id IS NULL OR NEW.published_by_id IS NULL OR NEW.submitted_by_id = NEW.published_by_id THEN
        RAISE EXCEPTION 'publishing takes a second person' USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0];
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER program_published_by_a_second_person BEFORE INSERT OR UPDATE ON programs_program
    FOR EACH ROW WHEN (NEW.state = 'published')
    EXECUTE FUNCTION refuse_one_person_publishing('program_published_by_a_second_person');
CREATE TRIGGER cohort_published_by_a_second_person BEFORE INSERT OR UPDATE ON programs_cohort
    FOR EACH ROW WHEN (NEW.state = 'published')
    EXECUTE FUNCTION refuse_one_person_publishing('cohort_published_by_a_second_person');

-- What was read is what is published.

CREATE FUNCTION refuse_change_in_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    besides text[] := ARRAY['state', 'published_by_id', 'published_at', 'published_as', 'minutes_per_week'];
BEGIN
    IF to_jsonb(OLD) - besides <> to_jsonb(NEW) - besides THEN
        RAISE EXCEPTION 'what is in review is fixed' USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0];
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER program_in_review_is_fixed BEFORE UPDATE ON programs_program
    FOR EACH ROW WHEN (OLD.state = 'in_review' AND NEW.state <> 'draft')
    EXECUTE FUNCTION refuse_change_in_review('program_in_review_is_fixed');
CREATE TRIGGER cohort_in_review_is_fixed BEFORE UPDATE ON programs_cohort
    FOR EACH ROW WHEN (OLD.state = 'in_review' AND NEW.state <> 'draft')
    EXECUTE FUNCTION refuse_change_in_review('cohort_in_review_is_fixed');

-- Hours. The detail of a refusal is what was found and what is allowed, in hours.

CREATE FUNCTION hours_words(found integer, fewest integer, most integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT trim_scale(round(found / 60.0, 1)) || ' hours a week; '
        || CASE WHEN most IS NULL THEN 'the level has ' || trim_scale(round(fewest / 60.0, 1)) || ' or more'
                ELSE 'the level has ' || trim_scale(round(fewest / 60.0, 1)) || ' to '
                     || trim_scale(round(most / 60.0, 1)) END
$$;

CREATE FUNCTION refuse_program_hours_outside_level() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed programs_levelhours;
    minutes integer := NEW.days_per_week * NEW.session_minutes;
BEGIN
    SELECT * INTO allowed FROM programs_levelhours WHERE level = NEW.level;
    IF FOUND AND (minutes < allowed.least_minutes OR minutes > allowed.most_minutes) THEN
        RAISE EXCEPTION 'hours outside the level' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'program_hours_within_its_level',
            DETAIL = hours_words(minutes, allowed.least_minutes, allowed.most_minutes);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER program_hours_within_its_level
    BEFORE INSERT OR UPDATE OF state, level, days_per_week, session_minutes ON programs_program
    FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION refuse_program_hours_outside_level();

CREATE FUNCTION refuse_cohort_hours_outside_level() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cohorts bigint[];
    wrong record;
BEGIN
    IF TG_TABLE_NAME = 'programs_cohort' THEN
        cohorts := ARRAY[NEW.id];
    ELSIF TG_TABLE_NAME = 'programs_program' THEN
        SELECT array_agg(id) INTO cohorts FROM programs_cohort WHERE program_id = NEW.id;
    ELSIF TG_OP = 'INSERT' THEN
        cohorts := ARRAY[NEW.cohort_id];
    ELSIF TG_OP = 'DELETE' THEN
        cohorts := ARRAY[OLD.cohort_id];
    ELSE
        cohorts := ARRAY[OLD.cohort_id, NEW.cohort_id];
    END IF;
    -- Drafts too: one may be published by a transaction that has not ended yet.
    PERFORM FROM programs_cohort WHERE id = ANY(cohorts) ORDER BY id FOR NO KEY UPDATE;
    SELECT c.name, coalesce(sum(b.minutes), 0)::integer AS minutes, h.least_minutes AS fewest, h.most_minutes AS most
        INTO wrong
        FROM programs_cohort c
        JOIN programs_program p ON p.id = c.program_id
        JOIN programs_levelhours h ON h.level = p.level
        LEFT JOIN programs_block b ON b.cohort_id = c.id
        WHERE c.id = ANY(cohorts) AND c.state = 'published'
        GROUP BY c.id, h.id
        HAVING coalesce(sum(b.minutes), 0) < h.least_minutes OR coalesce(sum(b.minutes), 0) > h.most_minutes
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'hours outside the level' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'cohort_hours_within_its_level',
            DETAIL = wrong.name || ' has ' || hours_words(wrong.minutes, wrong.fewest, wrong.most);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER cohort_hours_within_its_level AFTER INSERT OR UPDATE OF state, program_id ON programs_cohort
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published')
    EXECUTE FUNCTION refuse_cohort_hours_outside_level();
CREATE CONSTRAINT TRIGGER cohort_hours_within_its_level AFTER INSERT OR DELETE OR UPDATE ON programs_block
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_cohort_hours_outside_level();
CREATE CONSTRAINT TRIGGER cohort_hours_within_its_level AFTER UPDATE OF level ON programs_program
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.level <> NEW.level)
    EXECUTE FUNCTION refuse_cohort_hours_outside_level();

-- Entry dates.

CREATE FUNCTION refuse_entry_outside_the_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    outside date;
BEGIN
    IF TG_TABLE_NAME = 'programs_cohort' THEN wanted := NEW.id; ELSE wanted := NEW.cohort_id; END IF;
    PERFORM FROM programs_cohort WHERE id = wanted FOR NO KEY UPDATE;
    SELECT e."on" INTO outside FROM programs_entrydate e JOIN programs_cohort c ON c.id = e.cohort_id
        WHERE c.id = wanted AND (e."on" < c.starts_on OR e."on" >= c.ends_on) ORDER BY 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry outside the run' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'entry_date_within_the_run', DETAIL = to_char(outside, 'FMMonth FMDD, YYYY');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER entry_date_within_the_run AFTER INSERT OR UPDATE ON programs_entrydate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_entry_outside_the_run();
CREATE CONSTRAINT TRIGGER entry_date_within_the_run AFTER UPDATE OF starts_on, ends_on ON programs_cohort
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_entry_outside_the_run();

-- Who leads. A credential runs out by time, which no trigger sees: what is refused is publishing with it,
-- or giving a published cohort to somebody whose newest one of a kind and state is past its last day.

CREATE FUNCTION refuse_expired_credentials() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    expired record;
BEGIN
    IF TG_TABLE_NAME = 'programs_cohort' THEN wanted := NEW.id; ELSE wanted := NEW.cohort_id; END IF;
    SELECT u.name, max(k.expires_on) AS last INTO expired
        FROM programs_cohort c
        JOIN programs_credential k ON k.user_id = c.facilitator_id OR k.user_id IN
            (SELECT user_id FROM programs_cohort_co_facilitators WHERE cohort_id = c.id)
        JOIN accounts_user u ON u.id = k.user_id
        WHERE c.id = wanted AND c.state = 'published'
        GROUP BY u.id, k.kind, k.state HAVING max(k.expires_on) < current_date ORDER BY 2 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a credential is expired' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'cohort_led_by_valid_credentials',
            DETAIL = expired.name || ' has one that expired on ' || to_char(expired.last, 'FMMonth FMDD, YYYY');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER cohort_led_by_valid_credentials AFTER INSERT OR UPDATE OF state, facilitator_id
    ON programs_cohort DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published')
    EXECUTE FUNCTION refuse_expired_credentials();
CREATE CONSTRAINT TRIGGER cohort_led_by_valid_credentials AFTER INSERT OR UPDATE
    ON programs_cohort_co_facilitators DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION refuse_expired_credentials();
"""

LET_GO = """
DROP TRIGGER cohort_led_by_valid_credentials ON programs_cohort_co_facilitators;
DROP TRIGGER cohort_led_by_valid_credentials ON programs_cohort;
DROP FUNCTION refuse_expired_credentials();
DROP TRIGGER entry_date_within_the_run ON programs_cohort;
DROP TRIGGER entry_date_within_the_run ON programs_entrydate;
DROP FUNCTION refuse_entry_outside_the_run();
DROP TRIGGER cohort_hours_within_its_level ON programs_program;
DROP TRIGGER cohort_hours_within_its_level ON programs_block;
DROP TRIGGER cohort_hours_within_its_level ON programs_cohort;
DROP FUNCTION refuse_cohort_hours_outside_level();
DROP TRIGGER program_hours_within_its_level ON programs_program;
DROP FUNCTION refuse_program_hours_outside_level();
DROP FUNCTION hours_words(integer, integer, integer);
DROP TRIGGER cohort_in_review_is_fixed ON programs_cohort;
DROP TRIGGER program_in_review_is_fixed ON programs_program;
DROP FUNCTION refuse_change_in_review();
DROP TRIGGER cohort_published_by_a_second_person ON programs_cohort;
DROP TRIGGER program_published_by_a_second_person ON programs_program;
DROP FUNCTION refuse_one_person_publishing();
DROP TRIGGER cohort_moves_by_its_table ON programs_cohort;
DROP TRIGGER program_moves_by_its_table ON programs_program;
ALTER TABLE programs_block DROP CONSTRAINT block_meets_at_one_time;
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0012_words_of_the_catalog_are_known"), ("accounts", "0002_append_only")]

    operations = [
        migrations.RemoveConstraint("block", "block_starts_once"),  # the exclusion says it, and waits for the end
        migrations.RunSQL(KEEP, LET_GO),
    ]
