"""What may be taken over of a stranger's page: what is printed on it, and plain links. Runs in child.py only.

A list of what is good, not of what is bad: what acts in a PDF grows with every version of the format.
"""

from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, NullObject, StreamObject

_OF_A_PAGE = {
    "/Type", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate",
    "/UserUnit", "/Group", "/Annots", "/Parent",
}
# Marks that people draw on a page (PDF 32000-1, 12.5.6); with their appearance, without what they could do.
_MARKS = {
    "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline", "/Squiggly",
    "/StrikeOut", "/Stamp", "/Caret", "/Ink",
}
_OF_A_MARK = {
    "/Type", "/Subtype", "/Rect", "/AP", "/AS", "/F", "/C", "/CA", "/BS", "/BE", "/Border", "/QuadPoints", "/DA",
    "/Q", "/RD", "/IC", "/L", "/LE", "/Vertices", "/InkList",
}
_MOST_MARKS = 2000
# Deeper than any honest file: the list is then broken off.
_DEEPEST = 200


def strip(page: DictionaryObject) -> None:
    """Before the page is copied: what hangs on what is left out is then not copied either."""
    for key in [key for key in page if key not in _OF_A_PAGE]:
        del page[key]
    if "/Annots" in page:
        page[NameObject("/Annots")] = _marks(_real(page["/Annots"]))


def _marks(found) -> ArrayObject:
    kept = ArrayObject()
    for reference in (found if isinstance(found, ArrayObject) else ())[:_MOST_MARKS]:
        note = _real(reference)
        if not isinstance(note, DictionaryObject):
            continue
        if note.get("/Subtype") in _MARKS:
            kept.append(DictionaryObject({NameObject(key): note.raw_get(key) for key in note if key in _OF_A_MARK}))
        elif note.get("/Subtype") == "/Link" and (link := _link(note)) is not None:
            kept.append(link)
    return kept


def _link(note: DictionaryObject) -> DictionaryObject | None:
    """A link to a page of the web, made anew; whatever else it would do is left out."""
    action = _real(note.get("/A"))
    if not isinstance(action, DictionaryObject) or action.get("/S") != "/URI" or "/Rect" not in note:
        return None
    address = str(_real(action.get("/URI")))
    if not address.lower().startswith(("http://", "https://", "mailto:")):
        return None
    way = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): action["/URI"]}
    made = {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Link")}
    return DictionaryObject(made | {
        NameObject("/Rect"): note["/Rect"], NameObject("/A"): DictionaryObject(way),
        NameObject("/Border"): ArrayObject(),
    })


def scrub(writer) -> None:
    """Once more over all that is written: attached files and actions hidden under what is printed."""
    for place, kept in enumerate(writer._objects):
        if kept is None:
            continue
        if _acts(kept):
            writer._objects[place] = NullObject()
            continue
        if isinstance(kept, StreamObject) and kept.get("/Subtype") != "/Image":
            _unfold(kept)
        below = [(kept, 0)]
        while below:
            thing, depth = below.pop()
            if depth > _DEEPEST:
                raise RecursionError
            pairs = list(thing.items()) if isinstance(thing, DictionaryObject) else (
                list(enumerate(thing)) if isinstance(thing, ArrayObject) else []
            )
            for key, value in pairs:
                if isinstance(value, IndirectObject):
                    continue
                if _acts(value):
                    thing[key] = NullObject()
                else:
                    below.append((value, depth + 1))


def _unfold(kept: StreamObject) -> None:
    """What is drawn must not unfold to more than a reader's program can hold; pictures may be large."""
    try:
        kept.get_data()
    except (LimitReachedError, MemoryError):
        raise
    except Exception:  # damaged or of an unknown kind: it is written as it came, and draws nothing
        return
    finally:
        if hasattr(kept, "decoded_self"):
            kept.decoded_self = None


_ACTIONS = {
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute",
    "/Movie", "/Sound", "/Named", "/ResetForm", "/SetOCGState", "/Trans", "/GoTo3DView", "/Hide",
}


def _acts(thing) -> bool:
    """An action, a file inside the file, a file beside it, or a program for a printer."""
    if not isinstance(thing, DictionaryObject):
        return False
    outside = isinstance(thing, StreamObject) and "/F" in thing
    return (
        outside or "/JS" in thing or "/EF" in thing
        or thing.get("/S") in _ACTIONS
        or (thing.get("/Type") in ("/EmbeddedFile", "/Filespec", "/Action")
        and thing.get("/S") != "/URI")
        or (thing.get("/Type") == "/XObject" and thing.get("/Subtype") == "/PS")
    )


def _real(thing):
    return thing.get_object() if hasattr(thing, "get_object") else thing
