"""``ledger export``: every message, for finance, a spreadsheet or a comparison with what others credited."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from connector.cli.filters import refuse_unknown_partner, refuse_unknown_state
from connector.domain.ledger import State

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.exports import Exported


def export(
    context: typer.Context,
    partner: Annotated[str | None, typer.Option(help="Only this partner.")] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First departure.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last departure.")] = None,
    state: Annotated[str | None, typer.Option(help="Only messages in this state.")] = None,
    kind: Annotated[Literal["csv", "json"], typer.Option("--format", help="How it is written.")] = "csv",
    output: Annotated[Path | None, typer.Option(help="File to write, instead of stdout.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Write every message with our reference, the stay's and the partner's, its miles, amounts, times and cost."""
    from connector.cli.session import within

    refuse_unknown_state(state)

    async def work(app: App) -> None:
        from connector.cli.sheets import sheet
        from connector.store.exports import Chosen, Exported, exported

        await refuse_unknown_partner(app, partner)
        days = (first.date() if first else None, last.date() if last else None)
        prices = app.runner.prices
        columns = (*Exported.__dataclass_fields__, "cost")
        with sheet("json" if as_json else kind, output, columns) as rows:
            async for each in exported(app.database, Chosen(*days, partner, state)):
                rows.add((*astuple(each), _cost(each, prices.get(each.partner))))

    within(context, work, bars=False)


def _cost(message: Exported, price: Decimal | None) -> Decimal | None:
    """Return what the partner bills for a message: nothing before it took it; None where the price is not known."""
    if price is None:
        return None
    return message.miles * price if message.state in {State.CREDITED, State.ACCEPTED} else Decimal(0)
