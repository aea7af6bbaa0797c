"""What the pages work with."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.requests import HTTPConnection

from connector.bootstrap import App
from connector.web.planner import Planner
from connector.web.proxies import Proxies
from connector.web.pulse import Pulse
from connector.web.readiness import Readiness
from connector.web.roster import Roster
from connector.web.throttle import Throttle


class Console:
    """The application behind the pages, and who may use it."""

    def __init__(self, app: App, pulse: Pulse) -> None:
        self.pulse = pulse
        self.throttle = Throttle()
        self.planner = Planner()
        self.use(app)
        app.followers.append(self.use)

    def use(self, app: App) -> None:
        """Go by the settings that an application has now."""
        self.app = app
        self.roster = Roster(app.settings.web)
        self.proxies = Proxies(app.settings.web)
        self.readiness = Readiness(app.database)

    @property
    def session(self) -> timedelta:
        """How long a login lasts without being used."""
        return self.app.settings.web.session

    @property
    def base_url(self) -> str | None:
        """The address by which browsers reach the console, where it was told."""
        return self.app.settings.web.base_url

    def now(self) -> datetime:
        """Return the present moment."""
        return self.app.chain.clock.now()


def console_of(request: HTTPConnection) -> Console:
    """Return the console that a request is for."""
    console: Console = request.app.state.console
    return console
