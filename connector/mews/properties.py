"""Properties (enterprises) that a token sees, and their static data; cache what these return."""

from __future__ import annotations

from dataclasses import dataclass

from connector.errors import Lost, Skippable
from connector.mews.client import Mews
from connector.mews.pages import everything, parsed
from connector.mews.payloads import properties as payloads
from connector.mews.payloads.properties import Configuration, Enterprise, ExchangeRate, Service
from connector.mews.payloads.records import Bad, parse_each


@dataclass(frozen=True, slots=True)
class Properties:
    """The property operations, by way of one token."""

    mews: Mews

    async def configuration(self, property_id: str | None = None) -> Configuration:
        """Read the facts of the token's property, or of a named one with a portfolio token.

        Raises Skippable when a needed fact is missing: that property is set aside, the others go on.
        """
        operation = "configuration/get"
        answer = await self.mews.read(operation, {"EnterpriseId": property_id} if property_id else {})
        try:
            return payloads.configuration(answer, self.mews.table)
        except Skippable as fault:
            raise Skippable(f"{self.mews.named(operation)}: {fault}") from None

    async def enterprises(self) -> tuple[list[Enterprise], list[Bad]]:
        """List the properties that the token sees: one, or several with a portfolio token."""
        pages = self.mews.pages("enterprises/getAll", {}, "Enterprises")
        return await everything(parsed(pages, payloads.enterprise, "property"))

    async def services(self) -> tuple[list[Service], list[Bad]]:
        """List the services with the property of each."""
        pages = self.mews.pages("services/getAll", {}, "Services")
        return await everything(parsed(pages, payloads.service, "service", parent="EnterpriseId"))

    async def exchange_rates(self) -> tuple[list[ExchangeRate], list[Bad]]:
        """List today's exchange rates; Mews gives no date with them."""
        operation, key = "exchangeRates/getAll", "ExchangeRates"
        records = (await self.mews.read(operation, {})).get(key)
        if not isinstance(records, list):
            raise Lost(f"{self.mews.named(operation)}: the answer has no list {key}, which was expected")
        return parse_each(records, payloads.exchange_rate, "exchange rate", parent="EnterpriseId")
