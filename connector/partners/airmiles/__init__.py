"""AIR MILES (Canada) through its Issuance API, partner-calculated (developer.airmiles.ca, am-issuance)."""

from connector.partners.airmiles.activities import Days
from connector.partners.airmiles.channel import AirMiles
from connector.partners.airmiles.history import History
from connector.partners.airmiles.terms import Reversals, Terms

__all__ = ["AirMiles", "Days", "History", "Reversals", "Terms"]
