"""Miles & More through qiibee's Loyalty API: points of an own token are exchanged for miles (docs.qiibee.com/api)."""

from connector.partners.qiibee.channel import Qiibee
from connector.partners.qiibee.deposits import Receiver
from connector.partners.qiibee.terms import Alias, Terms

__all__ = ["Alias", "Qiibee", "Receiver", "Terms"]
