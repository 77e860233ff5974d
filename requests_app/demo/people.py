"""The demo's patrons: some sign in, some never do; letters in English or Spanish."""

import re
from datetime import datetime

from anyascii import anyascii

from illdesk import demo
from illdesk.models import Branch, User
from requests_app.demo.barcodes import barcode
from requests_app.models import Patron

# given name | family name | status | department | language of letters | signs in
_TABLE = """
Mei|Chen|graduate|History of Art|en|yes
Layla|al-Hussein|faculty|Near Eastern Studies|en|yes
Yuki|Tanaka|graduate|Urban Planning|en|yes
Agnieszka|Wiśniewska|faculty|Slavic Languages|en|yes
Nnamdi|Okafor|graduate|Marine Biology|en|yes
Petra|Lindqvist|faculty|Music|en|yes
Trí|Nguyễn|undergraduate|Anthropology|en|no
Diana|Abernathy|staff|Registrar|en|no
Chipo|Mbeki|graduate|Economics|en|yes
Henry|Begay|faculty|Linguistics|en|no
Soo-jin|Park|graduate|Geography|en|yes
Efua|Osei|undergraduate|Public Policy|en|yes
Javier|Villaseñor|graduate|Romance Studies|es|yes
Eleni|Papadopoulou|faculty|Classics|en|no
Dmitri|Sokolov|graduate|Physics|en|no
Amina|Diallo|undergraduate|International Relations|en|yes
Liam|O’Sullivan|undergraduate|English|en|no
Carmen|Rivas Ortega|faculty|Law|es|yes
Rajesh|Venkataraman|graduate|Computer Science|en|no
Ingeborg|Haugen|faculty|Scandinavian Studies|en|no
Tomás|Quispe Mamani|graduate|Anthropology|es|no
Hiroshi|Yamamoto|faculty|East Asian Studies|en|no
Fatou|Ndiaye|staff|Office of Research|en|no
Giulia|Marchesi|graduate|Comparative Literature|en|yes
Sven|Achterberg|other|Visiting scholar, Mathematics|en|no
Noor|Rahman|undergraduate|Chemistry|en|no
Keoni|Kahananui|undergraduate|Environmental Science|en|no
Bożena|Zielińska|graduate|Musicology|en|no
Esteban|Fuentes Lira|undergraduate|Architecture|es|no
Miriam|Goldfarb|faculty|Religious Studies|en|no
Oluwaseun|Adeyemi|graduate|Civil Engineering|en|no
Anaïs|Desrochers|faculty|French|en|no
Wei|Zhao|graduate|Statistics|en|no
Teodora|Ilieva|other|Alumna|en|no
Samuel|Whitehorse|undergraduate|American Studies|en|no
Lucía|Peralta Nieto|graduate|Ecology|es|no
Aroha|Ngata|graduate|Oceanography|en|yes
Bao|Trinh|undergraduate|Fisheries|en|yes
Cecilia|Bergström|faculty|Hydrology|en|yes
Diego|Arancibia Soto|graduate|Marine Geology|es|yes
Emeka|Nwosu|faculty|Civil Engineering|en|no
Farah|Daneshvar|graduate|Chemistry|en|yes
Gunnar|Ólafsson|faculty|Fisheries|en|no
Hye-won|Choi|graduate|Data Science|en|no
Ismail|Çelik|undergraduate|Economics|en|no
Jacinta|Moreno Vidal|staff|Museum of the Coast|es|no
Kenji|Matsuda|faculty|Oceanography|en|no
Lerato|Dlamini|graduate|Public Health|en|yes
Magdalena|Novotná|graduate|History|en|no
Nikos|Stavrou|faculty|Naval Architecture|en|no
Odalys|Peña Cabrera|undergraduate|Nursing|es|no
Pádraig|Mac Giolla|graduate|Celtic Studies|en|no
Qing|Liu|faculty|Atmospheric Science|en|no
Ruth|Nakai|undergraduate|Education|en|no
Sabine|Hofmeister|faculty|German|en|no
Tariq|Benjelloun|graduate|Arabic|en|no
Uma|Chandrasekhar|faculty|Music|en|no
Viktor|Petrenko|graduate|Physics|en|no
Wilhelmina|van der Laan|other|Visiting scholar, Law|en|no
Ximena|Cuevas Rojo|graduate|Romance Studies|es|no
"""
# Accounts of illdesk/demo.py who also ask for things themselves.
_WITH_HATS = {
    "patron": ("faculty", "Spanish and Portuguese", "en"), "profesor": ("faculty", "Latin American Studies", "es"),
    "student": ("undergraduate", "Geology", "en"), "coordinator": ("staff", "University Library", "en"),
}
_OF_DESK = {"a": slice(0, 36), "b": slice(36, None)}


def load(now: datetime) -> None:
    library = demo.own()
    places = list(Branch.objects.filter(pickup=True).order_by("pk"))
    for place, (username, (status, department, language)) in enumerate(_WITH_HATS.items()):
        user = User.objects.get(username=username)
        Patron.objects.get_or_create(
            user=user,
            defaults={
                "card": barcode("2", library.symbol, 100 + place), "first_name": user.first_name,
                "last_name": user.last_name, "email": user.email, "status": status, "department": department,
                "language": language, "pickup": places[0],
            },
        )
    rows = _TABLE.strip().splitlines()[_OF_DESK["a" if library is demo.LIBRARIES["a"] else "b"]]
    cards = [barcode("2", library.symbol, 200 + place) for place in range(len(rows))]
    there = set(Patron.objects.filter(card__in=cards).values_list("card", flat=True))
    if there == set(cards):
        return
    password = demo.hashed_password()
    for place, (card, row) in enumerate(zip(cards, rows, strict=True)):
        if card not in there:
            _patron(row, card, password, library.domain, places[place % len(places)], now)


def _patron(row: str, card: str, password: str, domain: str, pickup: Branch, now: datetime) -> None:
    first, last, status, department, language, signs_in = row.split("|")
    username = re.sub(r"[^a-z]", "", anyascii(first[0] + last).lower())
    email = f"{username}@{domain}"
    user = None
    if signs_in == "yes":
        user = demo.account(
            username, first, last, roles=["patron"], password=password, email=email,
            language="es" if language == "es" else "", now=now,
        )
    Patron.objects.create(
        user=user, card=card, first_name=first, last_name=last, email=email, status=status,
        department=department, language=language, pickup=pickup,
    )
