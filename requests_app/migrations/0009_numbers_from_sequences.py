from django.db import migrations, models

PREFIXES = ("b", "l", "d")


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for prefix in PREFIXES:
            schema_editor.execute(f"CREATE SEQUENCE requests_app_number_{prefix}")


def drop(apps, schema_editor):
    """The row goes on where the sequence stands."""
    if schema_editor.connection.vendor == "postgresql":
        for prefix in PREFIXES:
            schema_editor.execute(
                "UPDATE requests_app_counter SET last = greatest(last, s.last_value - base) "
                f"FROM requests_app_number_{prefix} s WHERE prefix = '{prefix.upper()}' AND base IS NOT NULL"
            )
            schema_editor.execute(f"DROP SEQUENCE requests_app_number_{prefix}")


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0008_directory_of_libraries")]
    operations = [
        migrations.AddField("counter", "base", models.BigIntegerField(editable=False, null=True)),
        migrations.RunPython(create, drop),
    ]
