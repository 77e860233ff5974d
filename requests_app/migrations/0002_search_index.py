from django.db import migrations

POSTGRES = """
CREATE TABLE requests_app_search (ill_id bigint PRIMARY KEY, text text NOT NULL);
CREATE INDEX requests_app_search_words ON requests_app_search USING gin (to_tsvector('simple', text));
CREATE INDEX requests_app_search_trigrams ON requests_app_search USING gin (text gin_trgm_ops);
"""
SQLITE = """
CREATE VIRTUAL TABLE requests_app_search USING fts5(text, tokenize="unicode61 remove_diacritics 2", prefix='2 3')
"""


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        for statement in POSTGRES.strip().split(";"):
            if statement.strip():
                schema_editor.execute(statement)
    else:
        schema_editor.execute(SQLITE)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE requests_app_search")


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
