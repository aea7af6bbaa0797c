"""The rehearsal credentials of the sandbox; they open nothing but the sandbox."""

from __future__ import annotations

CLIENT_TOKEN = "sandbox-client"
ACCESS_TOKENS = {"wien": "sandbox-access-wien", "montreal": "sandbox-access-montreal"}
PORTFOLIO_TOKEN = "sandbox-access-portfolio"
