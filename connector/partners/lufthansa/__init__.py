"""Miles & More's own Earn service (developer.lufthansa.com, api_partner, profiles/Earn)."""

from connector.partners.lufthansa.channel import EarnService
from connector.partners.lufthansa.earn import Terms

__all__ = ["EarnService", "Terms"]
