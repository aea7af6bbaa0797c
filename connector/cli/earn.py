"""``earn``: why a stay earns what it earns."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.output import AsJson, print_json
from connector.cli.preview import preview
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.decisions import Kept

app = typer.Typer(no_args_is_help=True, help="What stays earn, and why.")


@app.callback()
def earn() -> None:
    """Group the commands."""


@app.command()
def explain(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="RESERVATION", help="Confirmation number, id or channel number.")],
    as_json: AsJson = False,
) -> None:
    """Explain what a reservation earns at each partner, and how the number came about."""
    from connector.cli.session import within

    async def work(app: App) -> list[Kept]:
        from connector.store import decisions, stays

        async with app.database.read() as connection:
            found = await stays.find(connection, word)
            if not found:
                raise Misconfigured(
                    f"earn explain: no reservation {word!r} is known; expected a number, id or channel number"
                )
            return [kept for each in found for kept in await decisions.of(connection, each)]

    kept = within(context, work)
    if as_json:
        print_json([asdict(each) for each in kept])
        return
    if not kept:
        typer.echo(f"{word}: not checked out yet, so no partner looks at it")
    for each in sorted(kept, key=lambda one: one.status != "awarded"):
        typer.echo("\n".join(_account(each)))


app.command()(preview)


def _account(kept: Kept) -> list[str]:
    """Return a decision in words."""
    due = f", looked at again on {kept.due_at:%Y-%m-%d %H:%M}Z" if kept.due_at else ""
    lines = [f"{kept.partner}: {kept.status}: {kept.text}{due}"]
    told = kept.explanation
    if departure := told.get("departure"):
        lines.append(f"  departed {departure} after {told.get('nights', 0)} nights, {told.get('property', '')}")
    if membership := told.get("membership"):
        lines.append(f"  credited to {membership['number']}")
    for rule in told.get("rules", []):
        lines += _rule(rule)
    if (total := told.get("arithmetic")) and total["sum"] != str(total["miles"]):
        lines.append(f"  together {total['sum']}, rounded down and capped: {total['miles']} miles")
    return lines


def _rule(rule: dict[str, Any]) -> list[str]:
    name = rule["name"] or rule.get("basis", "rule")
    if not rule["applies"]:
        return [f"  rule {name}: does not apply: {', '.join(rule['against'].values())}"]
    if "quantity" not in rule:
        return [f"  rule {name}: applies"]
    lines = [f"    {_item(item)}" for item in rule["items"]]
    measure = f" of {rule['currency']} {rule['base']} {rule['amount']}" if rule["basis"] == "spend" else ""
    bonus = f" + {rule['bonus']}" if rule["bonus"] else ""
    sum_line = f"  rule {name}: {rule['quantity']} × {rule['miles_each']}{bonus} = {rule['miles']} miles{measure}"
    return [sum_line, *lines]


def _item(item: dict[str, Any]) -> str:
    mark = "counts" if item["counted"] else f"does not count: {item['why']}"
    return f"{item['type']:16} {item['currency']} {Decimal(item['amount']):>10.2f}  {mark}"
