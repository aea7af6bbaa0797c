"""One message, and what a person may do to it: each deed with what it comes to, or why it does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.bootstrap import App
from connector.domain.operating import BY_PARTNERS_WORD, WANTS_REASON, Deed
from connector.jobs import choosing
from connector.store import account, suspense
from connector.store.account import Account, Line
from connector.store.suspense import OpenCase


@dataclass(frozen=True, slots=True)
class Words:
    """How a deed is called on its button, and what it means."""

    title: str
    meaning: str


WORDS: Mapping[Deed, Words] = {
    Deed.RELEASE: Words("Let it go", "It is sent with the next delivery."),
    Deed.RETRY: Words("Send it again", "It was not taken and certainly not done; it goes out with the next delivery."),
    Deed.CREDITED: Words(
        "It was credited", "The partner says that it has done it. The ledger counts it as credited; nothing is sent."
    ),
    Deed.RESEND: Words(
        "It was not credited: send it again",
        "The partner says that it has not done it. If that is wrong, the guest gets the miles twice.",
    ),
    Deed.NOT_CREDITED: Words(
        "It was not credited: leave it", "The partner says that it has not done it. It is settled, and nothing is sent."
    ),
    Deed.VOID: Words("Withdraw it", "It was never sent and never will be; its stay earns nothing more there."),
}


@dataclass(frozen=True, slots=True)
class Fitting:
    """A deed that fits; ``plan_id`` names exactly what it would do now."""

    deed: Deed
    words: Words
    after: str
    plan_id: str

    @property
    def by_word(self) -> bool:
        """Tell whether it rests on what the partner says."""
        return self.deed in BY_PARTNERS_WORD

    @property
    def wants_reason(self) -> bool:
        """Tell whether a reason must be given."""
        return self.deed in WANTS_REASON


@dataclass(frozen=True, slots=True)
class MessageFile:
    """A message with its award, its open cases, and the deeds that fit it."""

    line: Line
    award: Account
    deeds: tuple[Fitting, ...]
    cases: tuple[OpenCase, ...]


async def message_file(app: App, key: str) -> MessageFile | None:
    """Return what is known about a message, None when there is none of this key."""
    async with app.database.read() as connection:
        for award in await account.accounts(connection, key):
            for line in award.messages:
                if line.key == key:
                    fitting = await choosing.fitting(connection, key, WORDS)
                    deeds = [Fitting(deed, WORDS[deed], *found) for deed, found in fitting.items()]
                    cases = await suspense.about(connection, [("message", key)])
                    return MessageFile(line, award, tuple(deeds), tuple(cases))
    return None
