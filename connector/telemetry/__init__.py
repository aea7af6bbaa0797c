"""Logs without secrets or personal data, and the system's clock."""
