"""Examples for the end of each command's help; a test parses every one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

EXAMPLES: Mapping[str, Sequence[str]] = {
    "demo": ("demo --once",),
    "sandbox": ("sandbox --state sandbox", 'sandbox --fault "uplyft:createEvent=500,times=3"'),
    "doctor": ("doctor", "--config /etc/loyalty/alpenglow/connector.toml doctor --json"),
    "plan": ("plan", "plan --json"),
    "sync": ("sync --wait 0s", "sync align --confirm 3f9c2a71d0b4"),
    "run": ("--config /etc/loyalty/alpenglow/connector.toml run",),
    "status": ("status", "status --json"),
    "health": ("health",),
    "resync": ("resync --stream reservations --from 2026-11-01 --to 2026-11-07 --property wien",),
    "config init": ("config init", "config init /etc/loyalty/alpenglow/connector.toml"),
    "config check": ("config check", "config check --cases contract.toml"),
    "config schema": ("config schema > connector.schema.json",),
    "config show": ("config show", "config show --json"),
    "earn explain": ("earn explain 38466", "earn explain 38466 --letter de"),
    "earn preview": ("earn preview --from 2026-10-01 --to 2026-10-31 --config next-year.toml",),
    "earn claim": ("earn claim 38466 --partner miles_and_more --number 992000000000005 --operator anna",),
    "earn grant": (
        "earn grant --partner air_miles --property montreal --number 80000000110 --miles 50 "
        '--reason "late room" --operator anna',
    ),
    "earn recompute": ("earn recompute --from 2026-10-01 --to 2026-10-31 --partner miles_and_more",),
    "ledger list": ("ledger list --state in_doubt", "ledger list --partner miles_and_more --json"),
    "ledger show": ("ledger show 38466",),
    "ledger import": ("ledger import credited.csv --partner miles_and_more --operator anna",),
    "ledger batch": (
        "ledger batch --partner air_miles --from 2026-10-01 --to 2026-10-31 --provider ALPN --sequence 1 "
        "--directory batches",
    ),
    "ledger retry": (
        "ledger retry 38466 --operator anna",
        "ledger retry --partner air_miles --state refused --operator anna",
    ),
    "ledger release": (
        'ledger release 38466 --credited --operator anna --reason "partner confirmed by mail"',
        "ledger release --live miles_and_more",
    ),
    "ledger void": ('ledger void 38466 --operator anna --reason "guest asked for it"',),
    "ledger adopt": ('ledger adopt --operator anna --reason "disk of the old machine is lost"',),
    "ledger export": ("ledger export --from 2026-10-01 --to 2026-10-31 --output october.csv",),
    "ledger reconcile": (
        "ledger reconcile --from 2026-10-01 --to 2026-10-31",
        "ledger reconcile --against statement.csv --partner miles_and_more --map reference=Ref,miles=Points",
    ),
    "offers list": ("offers list --partner air_miles --number 80000000110",),
    "offers set": (
        "offers set OFFER_ID opted_in --partner air_miles --number 80000000110 --operator anna "
        '--reason "asked at the desk"',
    ),
    "members show": ("members show M-1001",),
    "members link": ('members link M-1001 GUEST_ID --reason "showed the card"',),
    "members unlink": ('members unlink M-1001 --reason "another person"',),
    "members opt-out": ("members opt-out M-1001", "members opt-out M-1001 --undo"),
    "erase": ("erase M-1001",),
    "subject export": ("subject export M-1001 --to person.json",),
    "suspense list": ("suspense list", "suspense list --reason two_candidates"),
    "suspense resolve": (
        'suspense resolve 12 --note "asked the guest, all is well"',
        "suspense resolve 12 --link GUEST_ID",
    ),
    "alerts list": ("alerts list",),
    "alerts test": ("alerts test",),
    "cursors list": ("cursors list",),
    "cursors reset": ("cursors reset reservations --property wien",),
    "db upgrade": ("db upgrade",),
    "db check": ("db check",),
    "db backup": ("db backup /backup/connector-copy.db",),
    "state export": (
        "state export --retire alpenglow.state.gz",
        "state export rehearsal.state.gz --json",
    ),
    "state import": ("--config /etc/loyalty/alpenglow/postgresql.toml state import alpenglow.state.gz",),
}


def add(app: typer.Typer, path: str = "") -> None:
    """Let the help of an application's commands end with their examples; ``path`` is what stands before them."""
    for command in app.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        command.epilog = _epilog(EXAMPLES.get(f"{path}{name}", ()))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add(group.typer_instance, f"{path}{group.name} ")


def _epilog(examples: Sequence[str]) -> str | None:
    """Return the examples, each a paragraph of its own, because single line breaks would be lost."""
    return "\n\n".join(["Examples:", *(f"$ loyalty-connector {each}" for each in examples)]) if examples else None
