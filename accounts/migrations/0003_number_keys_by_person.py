from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_append_only")]

    operations = [
        migrations.AddField("user", "shortcuts", models.BooleanField("number keys answer questions", default=True)),
    ]
