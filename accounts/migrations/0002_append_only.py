"""
The trigger function by which rows are kept as they are, and the table of the database cache.

A trigger names the rule it keeps as its argument; PostgreSQL reports it as the constraint's name,
so code and tests read it with `accounts.db.violates`.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0];
END $$;

CREATE TRIGGER access_event_is_kept BEFORE UPDATE OR DELETE ON accounts_accessevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change('access_event_is_kept');
"""

CACHE = """
CREATE TABLE cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX cache_expires ON cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            REFUSE, "DROP TRIGGER access_event_is_kept ON accounts_accessevent; DROP FUNCTION refuse_change();"
        ),
        migrations.RunSQL(CACHE, "DROP TABLE cache;"),
    ]
