"""Miles & More through the Uplyft Graph API (docs.uplyft.com, Miles & More integration guide)."""

from connector.partners.uplyft.channel import Uplyft
from connector.partners.uplyft.document import Form

__all__ = ["Form", "Uplyft"]
