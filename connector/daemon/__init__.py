"""``run``: the schedule, the signals, what the service manager hears, and the change of the configuration."""

from connector.daemon.service import serve

__all__ = ["serve"]
