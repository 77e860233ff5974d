"""Errors that are sentences for the person who sees them: what happened, what was kept, what to do."""


class DeskError(Exception):
    """Shown as it is; nothing was changed."""

    def __init__(self, sentence: str):
        super().__init__(str(sentence))
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class NotAllowed(DeskError):
    """The step is not possible now, or not for this person."""


class Stale(DeskError):
    """Somebody else was faster; `sentence` says who did what, the caller keeps what was typed."""


class BadAnswer(DeskError):
    """An answer that the step needs is missing or makes no sense. `field` names it."""

    def __init__(self, sentence: str, *, field: str = ""):
        super().__init__(sentence)
        self.field = field


class AdapterError(DeskError):
    """An outside system failed. `permanent`: asking again with the same content cannot help."""

    def __init__(self, sentence: str, *, permanent: bool):
        super().__init__(sentence)
        self.permanent = permanent
