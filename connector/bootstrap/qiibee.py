"""Miles & More through qiibee, as the settings tell it."""

from __future__ import annotations

from connector.bootstrap.confidential import hash_key, revealed
from connector.bootstrap.parts import Parts
from connector.domain.matching import Hasher
from connector.http.auth import HeaderAuth
from connector.http.remote import Remote
from connector.partners.qiibee import Qiibee, Terms
from connector.settings import QiibeePartner


def qiibee(parts: Parts, name: str, partner: QiibeePartner) -> Qiibee:
    """Return the channel of a partner; its users are named by keyed hashes of chain, partner and number."""
    key = HeaderAuth("X-API-KEY", revealed(partner.api_key))
    remote = Remote("qiibee", partner=name)
    client = parts.client(
        partner.endpoint,
        f"qiibee for {name}",
        key,
        remote=remote,
        concurrency=partner.concurrency,
        connection=partner.connection,
    )
    hasher, chain = Hasher(hash_key(parts.settings, parts.database)), parts.settings.chain.name
    terms = Terms(
        brand_a_token=partner.brand_a_token_id,
        brand_b_token=partner.brand_b_token_id,
        relay_domain=partner.relay_domain,
        rate=partner.exchange_rate,
        send_rate=partner.exchange_rate_override,
        user=partner.auth_id,
        amount=partner.amount_format,
        id_format=partner.token_id_format,
        brand_a_field=partner.brand_a_field,
        types_parameter=partner.types_parameter,
        history_type=partner.history_type,
        history_brand=partner.history_brand,
        check_total=partner.check_total,
        status_field=partner.status_field,
        moved=frozenset(each.casefold() for each in partner.moved_statuses),
        unmoved=frozenset(each.casefold() for each in partner.unmoved_statuses),
        out_of_credit=partner.out_of_credit,
    )
    return Qiibee(client, name=name, terms=terms, alias=lambda whose: hasher.alias(chain, name, whose))
