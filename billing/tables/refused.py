"""Why a file as a whole is not read. Pure; the sentences stand in `words`."""


class Refused(ValueError):
    """Nothing of the file is kept. `code`: of `words.REFUSALS`, or of the room's own; `about`: what the sentence
    names."""

    def __init__(self, code: str, about: str = ""):
        super().__init__(f"{code} {about}".strip())
        self.code, self.about = code, about
