"""Talking to remote systems: attempts, limits, retries, circuits, credentials. Only here is httpx known."""
