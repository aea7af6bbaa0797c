"""Mews Loyalty Connector: a hotel chain's scheme in Mews, and its stays as miles at the partners."""

__version__ = "0.1.0"
