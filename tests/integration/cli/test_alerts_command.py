"""``alerts`` as a person runs it."""

from __future__ import annotations

from tests.integration.cli.town import Office

NOWHERE = "http://127.0.0.1:9/a-secret-path"


def test_without_an_incident_nothing_was_ever_wrong(synced: Office) -> None:
    done = synced.run("alerts", "list")

    assert (done.code, done.output.strip() + done.errors.strip()) == (0, "Nothing was ever wrong.")


def test_a_test_is_refused_where_nobody_would_be_told(synced: Office) -> None:
    done = synced.run("alerts", "test")

    assert done.code == 2
    assert "alerts: nobody is told; expected a webhook_url, a ping_url or a table [alerts.mail]" in done.errors


def test_a_test_that_does_not_arrive_says_by_which_way_and_not_where_it_leads(synced: Office) -> None:
    done = synced.run("alerts", "test", LOYALTY_ALERTS__WEBHOOK_URL=NOWHERE, LOYALTY_ALERTS__PING_URL=NOWHERE)

    assert done.code == 4
    assert "Webhook (notice): the request was not sent" in done.errors
    assert "Ping (ping): the request was not sent" in done.errors
    assert "a-secret-path" not in done.output + done.errors
