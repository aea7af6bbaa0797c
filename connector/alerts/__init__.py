"""Ways to tell people what is wrong: a webhook, mail, and the ping that stays away when nothing runs any more."""

from connector.alerts.mail import Mail
from connector.alerts.ping import Ping
from connector.alerts.webhook import Webhook

__all__ = ["Mail", "Ping", "Webhook"]
