"""Why a request is not done."""

from __future__ import annotations


class Refused(Exception):
    """A request that Mews would not do: an HTTP status and a sentence for its ``Message``."""

    def __init__(self, message: str, status: int = 400, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.headers = headers or {}
