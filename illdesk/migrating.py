"""What the migrations need besides Django's own operations."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel
from django.db.migrations.state import ProjectState


class Tables(Operation):
    """New tables, each made once in the form it has after all of `operations` (CreateModel, and what changes the
    models made here). Django renders every related model anew after each operation: fifty tables that refer to users
    and requests take it ten seconds, and one here."""

    reversible = True

    def __init__(self, operations: Sequence[Operation]):
        self.operations = list(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"operations": self.operations}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        vars(state).pop("apps", None)  # rendered again when it is asked for, once for all of them
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState,
    ) -> None:
        for model in self._made(app_label, to_state):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState,
    ) -> None:
        for model in reversed(self._made(app_label, from_state)):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def _made(self, app_label: str, state: ProjectState) -> list[Any]:
        return [state.apps.get_model(app_label, one.name) for one in self.operations if isinstance(one, CreateModel)]

    def describe(self) -> str:
        return f"Create {sum(isinstance(one, CreateModel) for one in self.operations)} tables"
