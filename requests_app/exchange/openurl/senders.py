"""What the database or page that a link comes from is called among people. Pure."""

import re

# Beginnings of a sid, in small letters.
_NAMES = {
    "google": "Google Scholar", "primo": "Primo", "firstsearch": "WorldCat", "oclc": "WorldCat", "worldcat": "WorldCat",
    "elsevier:scopus": "Scopus", "elsevier:sd": "ScienceDirect", "elsevier": "ScienceDirect", "cas:": "SciFinder",
    "apa": "APA PsycNet", "jstor": "JSTOR", "entrez:pubmed": "PubMed", "pubmed": "PubMed",
    "webofscience": "Web of Science", "isi:wos": "Web of Science", "wiley": "Wiley", "proq": "ProQuest",
    "oup": "Oxford University Press", "ovid": "Ovid", "springer": "Springer", "summon": "Summon",
    "refworks": "RefWorks", "zotero": "Zotero", "endnote": "EndNote", "mendeley": "Mendeley",
    "credoreference": "Credo Reference", "bepress": "bepress", "alma": "Alma", "ebsco": "EBSCO",
}


def name(sid: str) -> str:
    """"EBSCO: Scopus®", "Google Scholar"; of one that is not known its own first word; '' for ''."""
    own = re.sub(r"^www\.", "", sid.strip())[:100]
    if own.lower().startswith("ebsco:") and own[6:].strip():
        return f"EBSCO: {own[6:].strip()}"
    known = next((said for start, said in _NAMES.items() if own.lower().startswith(start)), "")
    return known or re.split(r"[:/]", own, maxsplit=1)[0]
