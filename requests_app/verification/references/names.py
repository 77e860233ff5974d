"""Names as references write them, in the form of a record: "Family, Given; Family, Given". Pure."""

import re

_INITIALS = r"(?:[^\W\d_a-zа-яёß]\.?[\s\u2010-]?){1,4}\.?"  # one capital, or several, with or without dots
_IS_INITIALS = re.compile(rf"{_INITIALS}$")
_SUFFIX = re.compile(r"^(?:Jr|Sr|II|III|IV|2nd|3rd)\.?$")
_PARTICLES = {
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "ten", "bin", "ibn",
    "al", "el", "zu", "zur", "af", "av", "st.", "do",
}
_HARD = re.compile(r"\s*,?\s*(?:&|\b(?:and|und|et|y|och|og|en|и|та|و)\b)\s+(?!al\b)", re.I)
_OTHERS = re.compile(
    r"[\s,;]*(?:\[?\bet\.?\s+al\b\.?\]?|\band others\b|\bu\.\s?a\.|\bи\s+др\b\.?|,?\s*等(?:著|编|译)?|\.\.\.|…)"
    r"[\s,;.]*$", re.I,
)
_ROLE = re.compile(
    r"[\s,]*[\[(]?\b(?:eds?|editors?|hrsg|hg|red|comps?|trans|coords?|dirs?|orgs?)\b\.?[)\]]?[\s,.:]*$", re.I,
)
_CORPORATE = re.compile(
    r"\b(?:of|for|the|Inc|Corp|Ltd|Company|Organi[sz]ation|Organización|Association|Asociación|Society|Sociedad|Institute"
    r"|Instituto|Institut|University|Universidad|Université|Ministry|Ministerio|Department|Committee|Comité|Commission"
    r"|Council|Consejo|Agency|Agencia|Bureau|Office|Group|Collaboration|Consortium|Network|Foundation|Fundación|Center"
    r"|Centre|Centro|Bank|Service|Board|Union|Library|Museum|Government|Gobierno|Nations|Party|Press|Team)\b"
)


def authors(text: str, *, direct: bool = False) -> str:
    """`direct`: where the style writes "Mary Jones", so that a single name is turned."""
    text = re.sub(r"\s+", " ", text).strip(" ,;:")
    text = _ended(_OTHERS.sub("", _ROLE.sub("", _OTHERS.sub("", text))).strip(" ,;:"))
    vancouver = all(_last_initials(part.strip(" .")) for part in text.split(","))
    if vancouver and text.endswith(".") and "." not in text[:-1]:
        text = text[:-1]  # of "Geraud G, Keywood C." the dot is the list's
    if not text:
        return ""
    if ";" in text:
        return _joined(one(part, direct=False) for part in text.split(";"))
    if _CORPORATE.search(text) and not re.search(rf",\s{_INITIALS}(?:,|$)", text):
        return text
    groups = [group.strip(" ,") for group in _HARD.split(text) if group.strip(" ,")]
    tokens = [token.strip() for group in groups for token in re.split(r"[,，、]", group) if token.strip()]
    tokens = _with_suffixes(tokens)
    if _cjk(text):
        return _joined(tokens)
    if len(tokens) > 1 and all(_IS_INITIALS.match(token) for token in tokens[1::2]) and len(tokens) % 2 == 0:
        return _joined(f"{family}, {given}" for family, given in zip(tokens[::2], tokens[1::2], strict=True))
    if all(_last_initials(token) for token in tokens):
        return _joined(one(token, direct=False) for token in tokens)
    if len(groups) > 1 and all("," in group for group in (groups[0], groups[-1])) and len(tokens) % 2 == 0 and all(
        len(token.split()) <= 3 for token in tokens
    ) and not re.match(rf"{_INITIALS}\s", groups[0]):
        return _joined(f"{family}, {given}" for family, given in zip(tokens[::2], tokens[1::2], strict=True))
    inverted = len(tokens) > 1 and re.search("[,，]", groups[0]) and _single(tokens[0])
    if inverted and not re.match(rf"{_INITIALS}\s\w", text):
        return _joined([f"{tokens[0]}, {tokens[1]}", *(one(token, direct=True) for token in tokens[2:])])
    many = len(tokens) > 1
    return _joined(one(token, direct=direct or many or bool(_first_initials(token))) for token in tokens)


def one(name: str, *, direct: bool) -> str:
    """"Smith JA" and "J. A. Smith" are "Smith, JA" and "Smith, J. A."; a corporate body stays as it is."""
    name = name.strip(" ,")
    if "," in name or _CORPORATE.search(name) or _cjk(name):
        return name
    parts = name.split()
    if len(parts) > 2 and _SUFFIX.match(parts[-1]) and _last_initials(" ".join(parts[:-1])):
        return f"{one(' '.join(parts[:-1]), direct=direct)} {parts[-1]}"
    if len(parts) > 1 and _last_initials(name):
        at = next(place for place in range(1, len(parts)) if all(_IS_INITIALS.match(part) for part in parts[place:]))
        return f"{' '.join(parts[:at])}, {' '.join(parts[at:])}"
    semitic = re.search(r"[\u0590-\u06ff]", name)
    if not direct or semitic or not 2 <= len(parts) <= 6 or not re.match(r"[^\W\d_a-z]", name):
        return name
    suffix = parts.pop() if _SUFFIX.match(parts[-1]) else ""
    at = len(parts) - 1
    while at > 1 and parts[at - 1].lower() in _PARTICLES:
        at -= 1
    turned = f"{' '.join(parts[at:])}, {' '.join(parts[:at])}"
    return f"{turned}, {suffix}" if suffix else turned


def look_like_names(text: str) -> bool:
    """Would a reader take this for the names before a title? Never true of an ordinary title."""
    text = _OTHERS.sub("", _ROLE.sub("", text.strip(" .,;:"))).strip(" ,;:")
    if not text or len(text) > 3000 or re.search(r"\d{3}|[?!:“”\"]", text):
        return False
    if re.search(r"[^\W\d_]{3,}\.\s+\S", text):  # a sentence ends within
        return False
    tokens = [token for group in _HARD.split(text) for token in re.split(r"[,;，、]", group) if token.strip()]
    if re.search(rf"(?:^|[\s,]){_INITIALS}(?=,|;|$|\s)", text) and len(text.split()) <= 12 * len(tokens):
        return all(len(token.split()) <= 6 for token in tokens)
    return len(tokens) <= 12 and all(
        len(token.split()) <= 4 and re.match(r"\s*(?:[^\W\d_a-z]|(?:van|von|de|al|el|da|di)\b)", token)
        for token in tokens
    ) and ("," in text or len(tokens) > 1)


def _joined(names) -> str:
    found = list(dict.fromkeys(_ended(name.strip(" ,")) for name in names if name.strip(" ,.")))
    # The last initial's dot is easily taken for the sentence's.
    if any(re.search(r"\b[^\W\d_]\.", name) for name in found):
        found = [f"{name}." if re.search(r"[\s.-][^\W\d_a-z]$", name) else name for name in found]
    return "; ".join(found)


def _ended(name: str) -> str:
    """The full stop of the list is not the name's; that of an initial or of Jr. is."""
    if not name.endswith(".") or re.search(r"(?:[\s.,-][^\W\d_]|\bJr|\bSr)\.$", name):
        return name
    return name[:-1]


def _with_suffixes(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    for token in tokens:
        if joined and _SUFFIX.match(token):
            joined[-1] += f" {token}"
        else:
            joined.append(token)
    return joined


def _last_initials(name: str) -> bool:
    parts = [part for part in name.split() if not _SUFFIX.match(part)]
    return len(parts) > 1 and bool(_IS_INITIALS.match(parts[-1])) and not _IS_INITIALS.match(parts[0])


def _first_initials(name: str) -> bool:
    parts = name.split()
    return len(parts) > 1 and bool(re.match(r"(?:[^\W\d_a-z]\.[-\u2010]?)+$", parts[0]))


def _single(token: str) -> bool:
    """One family name: "Smith", "van der Berg", "García Márquez" before a comma."""
    parts = [part for part in token.split() if part.lower() not in _PARTICLES]
    return len(parts) <= 2 and not _first_initials(token)


def _cjk(text: str) -> bool:
    return re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", text) is not None
