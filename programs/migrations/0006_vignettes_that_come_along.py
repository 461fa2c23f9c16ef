"""The vignettes that come with the product become the clinic's own rows; no rule set does."""

import json
from pathlib import Path

from django.db import migrations

PACKAGED = Path(__file__).parents[1] / "matching" / "vignettes"


def bring(apps, _schema_editor):
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(PACKAGED.glob("*.json"))]
    vignette = apps.get_model("programs", "Vignette")
    made = [
        vignette(
            code=row["id"],
            title=row["title"],
            narrative=row["narrative"],
            facts=row["facts"],
            expectation=row["clinical"],
            reason="Came with Tideway.",
        )
        for row in rows
    ]
    vignette.objects.bulk_create(made, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("programs", "0005_rule_sets_are_kept")]

    # Rows of the clinic stay when the schema goes back: a trigger would refuse to delete them.
    operations = [migrations.RunPython(bring, migrations.RunPython.noop)]
