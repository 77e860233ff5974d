"""Taking back the last step, while nobody was told of it."""

from illdesk.models import Event
from requests_app.actions import Doing, does
from requests_app.models import ILLRequest


@does("undo")
def undo(doing: Doing) -> None:
    """Put back what the step changed, as its event remembers it."""
    ill = doing.ill
    undone = Event.objects.filter(
        subject_kind="request", subject_id=ill.pk, data__v=ill.version - 1, data__from=doing.step.target
    ).order_by("-id").first()
    if undone is None:
        return
    doing.data["undone"] = undone.pk
    for name, value in undone.data.get("was", {}).items():
        column = next(field for field in ILLRequest._meta.concrete_fields if field.attname == name)
        setattr(ill, name, value if column.is_relation else column.to_python(value))
