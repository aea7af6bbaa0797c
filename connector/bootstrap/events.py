"""What comes in by itself, as the settings tell it: Mews's WebSocket, and the calls of partners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.bootstrap.confidential import revealed, revealed_if_any
from connector.bootstrap.routes import route
from connector.jobs.chain import Chain
from connector.jobs.listening import Listener
from connector.partners import qiibee
from connector.ports import Receiver
from connector.settings import QiibeePartner, Settings
from connector.settings.mews import WEBSOCKETS
from connector.settings.qiibee import Deposits

if TYPE_CHECKING:
    from connector.mews.events import Socket


def listener(settings: Settings, chain: Chain) -> Listener:
    """Return who listens to Mews, with whatever the settings tell to listen to."""
    return Listener(chain, sockets(settings))


def sockets(settings: Settings) -> dict[str, Socket]:
    """Return a WebSocket for each access token, by its table; none when Mews is not listened to."""
    mews = settings.mews
    if not mews.websocket:
        return {}
    from connector.mews.events import Socket  # here, because the library takes its time

    address = mews.websocket_address or WEBSOCKETS[mews.platform_address]
    client_token, way = revealed(mews.client_token), route(mews.connection)
    return {
        table: Socket(address, table, client_token, revealed(each.access_token), way)
        for table, each in mews.properties.items()
    }


def receivers(settings: Settings) -> dict[tuple[str, str], Receiver]:
    """Return who takes the calls of partners, by channel and name of the partner."""
    return {
        (partner.channel, name): _qiibee(partner.deposits)
        for name, partner in settings.partners.items()
        if isinstance(partner, QiibeePartner) and partner.deposits
    }


def _qiibee(deposits: Deposits) -> Receiver:
    user = deposits.user.get_secret_value()  # a name of its own: the logs would lose every other use of such a word
    return qiibee.Receiver(user, revealed(deposits.password))


def webhook_tokens(settings: Settings) -> tuple[str, ...]:
    """Return the tokens with which Mews may call: the present one and, until Mews has it, the one before."""
    tokens = (revealed_if_any(settings.web.webhook_token), revealed_if_any(settings.web.previous_webhook_token))
    return tuple(token for token in tokens if token)
