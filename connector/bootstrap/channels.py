"""The channel of a partner, or of one of its accounts, as the settings tell it."""

from __future__ import annotations

from connector.bootstrap.airmiles import air_miles
from connector.bootstrap.confidential import revealed, revealed_if_any
from connector.bootstrap.parts import Parts
from connector.bootstrap.qiibee import qiibee
from connector.http.auth import Auth, BasicAuth, ClientCredentials, HeaderAuth
from connector.http.remote import Remote
from connector.partners import lufthansa
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Partner
from connector.settings import AirMilesPartner, AnyPartner, LufthansaPartner, QiibeePartner, UplyftPartner


def channel(parts: Parts, name: str, partner: AnyPartner) -> Partner:
    """Return the channel that ``partner`` tells of; ``name`` is what it calls itself in what people read."""
    match partner:
        case UplyftPartner():
            return _uplyft(parts, name, partner)
        case QiibeePartner():
            return qiibee(parts, name, partner)
        case LufthansaPartner():
            return _lufthansa(parts, name, partner)
        case AirMilesPartner():
            return air_miles(parts, name, partner)


def _uplyft(parts: Parts, name: str, partner: UplyftPartner) -> Uplyft:
    app_id = partner.app_id.get_secret_value() if partner.app_id else ""
    client = parts.client(
        partner.endpoint,
        f"Uplyft for {name}",
        _signed(partner, app_id),
        remote=Remote("uplyft", partner=name),
        concurrency=partner.concurrency,
        connection=partner.connection,
    )
    form = Form(partner.signature, partner.wallet_format, partner.amount_format, partner.unique_id, partner.document)
    return Uplyft(
        client,
        name=name,
        app_id=app_id,
        form=form,
        duplicate_answer=partner.duplicate_answer,
        duplicate_words=partner.duplicate_words,
        refusal_words=partner.refusal_words,
        authorization=partner.authorization,
        currencies=frozenset(rule.currency for rule in partner.earn if rule.currency),
    )


def _signed(partner: UplyftPartner, app_id: str) -> Auth:
    if partner.authorization == "basic":
        return BasicAuth(app_id, revealed_if_any(partner.app_secret) or "")
    token = revealed_if_any(partner.access_token) or ""
    if partner.token_header.lower() == "authorization":
        return HeaderAuth.bearer(token)
    return HeaderAuth(partner.token_header, token)


def _lufthansa(parts: Parts, name: str, partner: LufthansaPartner) -> lufthansa.EarnService:
    tokens = ClientCredentials(
        partner.token_endpoint, partner.client_id.get_secret_value(), revealed(partner.client_secret)
    )
    client = parts.client(
        partner.endpoint,
        f"the Earn service for {name}",
        tokens,
        remote=Remote("lufthansa", partner=name),
        concurrency=partner.concurrency,
        connection=partner.connection,
    )
    terms = lufthansa.Terms(
        path=partner.earn_path,
        pid=partner.pid,
        pid_format=partner.pid_format,
        promotion=partner.promotion_code,
        characters=partner.statement_characters,
        reference_field=partner.reference_field,
        transaction_field=partner.transaction_field,
        success_field=partner.success_field,
        success_values=partner.success_values,
        uncredit_reference=partner.uncredit_reference,
    )
    return lufthansa.EarnService(client, name=name, terms=terms, clock=parts.clock)
