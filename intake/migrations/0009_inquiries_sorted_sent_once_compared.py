"""An inquiry keeps the key of its form, who sorted it, where a referral comes from, and a name to compare by."""

import unicodedata

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


def fill_name_keys(apps, schema_editor):
    """The name as it is compared: without case, accents and order; a single word names nobody."""
    inquiry = apps.get_model("intake", "Inquiry")
    for each in inquiry.objects.only("pk", "who", "name", "person_name").iterator():
        parts = unicodedata.normalize("NFKD", (each.name if each.who == "me" else each.person_name).casefold())
        bare = "".join(mark for mark in parts if not unicodedata.combining(mark))
        words = sorted(bare.replace(",", " ").replace(";", " ").split())
        if len(words) > 1:
            inquiry.objects.filter(pk=each.pk).update(name_key=" ".join(words)[:210])


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0008_papers_and_people_are_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="inquiry",
            name="form_key",
            field=models.UUIDField(editable=False, null=True, verbose_name="key of the form it came with"),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="name_key",
            field=models.CharField(
                blank=True, editable=False, max_length=210, verbose_name="who needs care, to compare"
            ),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="referrer",
            field=models.CharField(blank=True, max_length=100, verbose_name="where the person who refers works"),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="triaged_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="triage set at"),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="triaged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="triage set by",
            ),
        ),
        migrations.RunPython(fill_name_keys, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(fields=["phone"], name="inquiry_by_phone"),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(fields=["name_key"], name="inquiry_by_name"),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(django.db.models.functions.text.Upper("email"), name="inquiry_by_email"),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.UniqueConstraint(
                fields=("form_key",), name="inquiry_sent_once", violation_error_message="This was already sent."
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("triage", ""), ("triage_note", ""), ("triaged_at__isnull", True), ("triaged_by__isnull", True)
                    ),
                    models.Q(
                        ("triage__in", ["now", "soon", "routine", "elsewhere"]),
                        ("triaged_at__isnull", False),
                        ("triaged_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="inquiry_triage_set_by_somebody",
            ),
        ),
    ]
