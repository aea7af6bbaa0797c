"""The figures for Prometheus, and a console whose settings change while it is open."""

from __future__ import annotations

from pathlib import Path

from connector.settings import load
from connector.telemetry import metrics
from tests.integration.web.site import LOGINS, OPERATORS, SECRETS, Site, submit


async def test_the_page_of_figures_tells_what_the_store_knows(desk: Site) -> None:
    metrics.forget()
    answer = await desk.browser().get("/metrics")
    metrics.forget()
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "loyalty_plan_unconfirmed 0.0" in answer.text
    assert 'loyalty_request_limit{property="wien"}' in answer.text


async def test_who_may_log_in_follows_a_change_of_the_settings(desk: Site, tmp_path: Path) -> None:
    file = tmp_path / "connector.toml"
    file.write_text(file.read_text().replace(OPERATORS, ""), encoding="utf-8")
    token = "another-admin-token-0123456789"
    given = {"LOYALTY_PRIVACY__HASH_KEY": "geheim", **SECRETS, "LOYALTY_WEB__ADMIN_TOKEN": token}
    await desk.console.app.change(load(file, given))
    refused = await submit(desk.browser(), "/login", {"token": LOGINS["LOYALTY_WEB__ADMIN_TOKEN"]})
    assert refused.status_code != 303
    assert (await submit(desk.browser(), "/login", {"token": token})).status_code == 303
