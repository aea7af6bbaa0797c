"""Calls of the sandbox's control endpoints that change something."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen


def post(url: str, body: Any) -> Any:
    """Send JSON to a server on this machine; return its answer."""
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # ours
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)
