"""A desk that took some of the older migrations and a new one that takes them together end with the same models."""

import pytest
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from illdesk.migrating import Tables


def _one_by_one() -> ProjectState:
    loader = MigrationLoader(None, replace_migrations=False)
    shorter = {node for node, migration in loader.graph.nodes.items() if migration and migration.replaces}
    last = [node for app in loader.migrated_apps for node in loader.graph.leaf_nodes(app) if node not in shorter]
    return loader.project_state(nodes=last)


def test_one_by_one_and_together_the_migrations_tell_of_the_same_models():
    together = MigrationLoader(None).project_state()
    assert len(together.models) > 100
    found = MigrationAutodetector(_one_by_one(), together).changes(MigrationLoader(None).graph)
    assert {app: [one.operations for one in some] for app, some in found.items()} == {}


def test_no_migration_asks_for_a_shorter_way_that_a_half_migrated_desk_cannot_take():
    loader = MigrationLoader(None, replace_migrations=False)
    shorter = {node for node, migration in loader.graph.nodes.items() if migration and migration.replaces}
    asked = {parent for key, migration in loader.disk_migrations.items() for parent in migration.dependencies}
    assert shorter and not asked & shorter


@pytest.mark.django_db
def test_each_model_that_is_made_together_has_its_table():
    loader, there = MigrationLoader(None), set(connection.introspection.table_names())
    state = loader.project_state()
    made = [(app, one.name) for (app, _name), migration in loader.disk_migrations.items()
            for operation in migration.operations if isinstance(operation, Tables)
            for one in operation.operations if hasattr(one, "fields")]
    assert len(made) > 80
    for app, name in made:
        options = state.models[app, name.lower()].options
        assert options.get("db_table", f"{app}_{name.lower()}") in there, name
