"""Rules keep their four eyes: triggers refuse what a document, its steps and its vignettes must never become."""

from django.db import migrations

KEEP = """
CREATE TRIGGER ruleset_moves_by_its_table BEFORE UPDATE ON programs_ruleset
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'in_review'), ('draft', 'retired'), ('in_review', 'draft'), ('in_review', 'published'),
        ('published', 'retired')))
    EXECUTE FUNCTION refuse_change('ruleset_moves_by_its_table');

-- The document is fixed with the step that takes it out of its draft, not after it.
CREATE TRIGGER ruleset_past_draft_is_fixed BEFORE UPDATE ON programs_ruleset
    FOR EACH ROW WHEN ((OLD.state <> 'draft' OR NEW.state <> 'draft')
        AND (OLD.document, OLD.version, OLD.content_hash, OLD.revision)
            IS DISTINCT FROM (NEW.document, NEW.version, NEW.content_hash, NEW.revision))
    EXECUTE FUNCTION refuse_change('ruleset_past_draft_is_fixed');

CREATE TRIGGER ruleset_author_stays BEFORE UPDATE ON programs_ruleset
    FOR EACH ROW WHEN ((OLD.created_by_id, OLD.created_at) IS DISTINCT FROM (NEW.created_by_id, NEW.created_at))
    EXECUTE FUNCTION refuse_change('ruleset_author_stays');

CREATE TRIGGER ruleset_published_only_retires BEFORE UPDATE ON programs_ruleset
    FOR EACH ROW WHEN (OLD.state IN ('published', 'retired')
        AND (to_jsonb(OLD) - ARRAY['state', 'retired_by_id', 'retired_at'])
            <> (to_jsonb(NEW) - ARRAY['state', 'retired_by_id', 'retired_at']))
    EXECUTE FUNCTION refuse_change('ruleset_published_only_retires');

CREATE TRIGGER ruleset_once_in_review_is_kept BEFORE DELETE ON programs_ruleset
    FOR EACH ROW WHEN (OLD.state <> 'draft' OR OLD.submitted_at IS NOT NULL)
    EXECUTE FUNCTION refuse_change('ruleset_once_in_review_is_kept');

-- The row knows who began it and who submitted it; the steps know everybody who wrote in it between.
CREATE FUNCTION refuse_publisher_who_wrote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM programs_rulesetstep WHERE ruleset_id = NEW.id AND by_id = NEW.published_by_id
               AND kind IN ('created', 'changed', 'submitted')) THEN
        RAISE EXCEPTION 'who wrote or submitted rules does not publish them'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ruleset_published_by_a_second_person';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ruleset_published_by_a_second_person BEFORE UPDATE ON programs_ruleset
    FOR EACH ROW WHEN (NEW.state = 'published' AND OLD.state <> 'published')
    EXECUTE FUNCTION refuse_publisher_who_wrote();

CREATE TRIGGER ruleset_step_is_kept BEFORE UPDATE OR DELETE ON programs_rulesetstep
    FOR EACH ROW EXECUTE FUNCTION refuse_change('ruleset_step_is_kept');
CREATE TRIGGER vignette_is_kept BEFORE UPDATE OR DELETE ON programs_vignette
    FOR EACH ROW EXECUTE FUNCTION refuse_change('vignette_is_kept');
"""

LET_GO = """
DROP TRIGGER vignette_is_kept ON programs_vignette;
DROP TRIGGER ruleset_step_is_kept ON programs_rulesetstep;
DROP TRIGGER ruleset_published_by_a_second_person ON programs_ruleset;
DROP FUNCTION refuse_publisher_who_wrote();
DROP TRIGGER ruleset_once_in_review_is_kept ON programs_ruleset;
DROP TRIGGER ruleset_published_only_retires ON programs_ruleset;
DROP TRIGGER ruleset_author_stays ON programs_ruleset;
DROP TRIGGER ruleset_past_draft_is_fixed ON programs_ruleset;
DROP TRIGGER ruleset_moves_by_its_table ON programs_ruleset;
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0004_rule_sets")]

    operations = [migrations.RunSQL(KEEP, LET_GO)]
