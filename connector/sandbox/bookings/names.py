"""Names for guests, companies and agencies. They are combined at random and mean nobody."""

from __future__ import annotations

import unicodedata

FIRST = (
    "Ana", "André", "Anneliese", "Antoine", "Beatriz", "Bjørn", "Błażej", "Camille", "Carlos", "Chloé",
    "Clémence", "Dóra", "Eduardo", "Elif", "Émile", "Emma", "Fernando", "Franziska", "Gaëlle", "Giulia",
    "Grace", "Günther", "Hélène", "Håkon", "Inês", "Ivana", "Jack", "Jürgen", "João", "Katarzyna",
    "Lívia", "Liam", "Lukáš", "Luís", "Léa", "Maëlle", "Margarida", "Marie-Ève", "Matěj", "Michał",
    "Niamh", "Noah", "Núria", "Oliver", "Øyvind", "Paulo", "Pádraig", "Rosalía", "Rui", "Sebastián",
    "Siobhán", "Sofia", "Søren", "Théo", "Tomás", "Ulrike", "Václav", "Vera", "Wei", "William", "Xavier",
    "Yara", "Zoë", "Žofie",
)  # fmt: skip
LAST = (
    "Almeida", "Ångström", "Araújo", "Bauer", "Beaulieu", "Bélanger", "Bergström", "Błaszczyk", "Brânză",
    "Brennan", "Cardoso", "Castaño", "Černý", "Chen", "Côté", "Costa", "Da Silva", "De Vries",
    "Desrosiers", "Díaz", "Dvořák", "Eriksen", "Fernandes", "Fitzgerald", "Fontaine", "Førland", "Gagné",
    "Gonçalves", "Grüber", "Hägglund", "Hughes", "Ibáñez", "Jørgensen", "Kovács", "Kučera", "Lachance",
    "Lefèvre", "Löwe", "Magalhães", "Maier", "McAllister", "Müller", "Muñoz", "Nagy", "Novák", "Nuñez",
    "O'Sullivan", "Østby", "Öztürk", "Patel", "Pereira", "Poirier", "Quérel", "Ramos", "Rossi",
    "Schäfer", "Sérgio", "Šimek", "Sørensen", "Strauß", "Taylor", "Tremblay", "Tóth", "Van den Berg",
    "Vaszary", "Vieira", "Villeneuve", "Weiß", "Wójcik", "Yılmaz", "Żak", "Zimmermann",
)  # fmt: skip
FIRMS = ("Nordlicht", "Cordeaux", "Lusitan", "Maplewood", "Brightwater", "Sonnfeld", "Quintela", "Ironbridge")
TRADES = ("Engineering", "Pharma", "Logistics", "Consulting", "Textiles", "Instruments")
AGENCIES = ("Weitblick Travel", "Horizonte Tours", "Blue Atlas Holidays", "Voyages Méridien", "Portal Stays")
DOMAINS = ("example.org", "example.com", "example.net", "mail.example")
PORTAL = "guest.portal.example"
LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "å": "a", " ": "", "'": "", "-": ""})


def plain(name: str) -> str:
    """``name`` as people write it in an e-mail address: lower case, no diacritics, no blanks."""
    split = unicodedata.normalize("NFKD", name.lower().translate(LETTERS))
    return split.encode("ascii", "ignore").decode()
