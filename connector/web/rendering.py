"""Pages made of templates. Every value is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from connector import __version__
from connector.web import assets, formats, forms
from connector.web.console import console_of

if TYPE_CHECKING:
    from connector.web.access import Visitor

_TEMPLATES = Path(__file__).with_name("templates")


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(formats.FILTERS)
    made.globals.update(asset=assets.address, form_field=_form_field, version=__version__)
    return made


@pass_context
def _form_field(context: Context) -> Markup:
    """Return the field without which no form is taken."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(forms.FIELD, context["form_token"])


def _moment(when: datetime, zone: ZoneInfo) -> Markup:
    """Return a time for people, by the clock of the chain, and exactly for machines."""
    exact = when.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M}</time>').format(exact, when.astimezone(zone))


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """Return a page made of a template.

    Beside ``values`` a template has ``chain`` (its name), ``zone`` and ``now``, ``person`` (None for a stranger),
    ``by_login`` (whether there is something to log out of), ``form_token``, ``navigation``, ``here`` (the path), and
    the functions ``asset`` (address of a file), ``form_field`` (which every form needs) and ``moment`` (a time, in the
    chain's zone).
    """
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    console = console_of(request)
    zone = ZoneInfo(console.app.settings.chain.time_zone)
    shared = {
        "chain": console.app.settings.chain.name,
        "zone": zone,
        "now": console.now(),
        "person": visitor.person if visitor else None,
        "by_login": visitor is not None and visitor.by == "login",
        "form_token": forms.token(visitor.secret) if visitor else "",
        "navigation": navigation(request, visitor) if visitor else [],
        "here": request.url.path,
        "moment": partial(_moment, zone=zone),
    }
    text = _environment().get_template(template).render(shared | values)
    return HTMLResponse(text, status, headers)


def navigation(request: Request, visitor: Visitor) -> list[dict[str, Any]]:
    """Return the pages that a visitor may see: title, path, and whether it is the one being looked at."""
    here = request.url.path
    titled = [route for route in request.app.routes if getattr(route, "title", "")]
    return [
        {"title": page.title, "path": page.path, "current": here == page.path or here.startswith(f"{page.path}/")}
        for page in titled
        if visitor.person.role.includes(page.role)
    ]
