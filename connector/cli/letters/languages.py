"""The languages of letters."""

from __future__ import annotations

from collections.abc import Mapping

from connector.cli.letters.english import ENGLISH
from connector.cli.letters.french import FRENCH
from connector.cli.letters.german import GERMAN
from connector.cli.letters.language import Language

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
