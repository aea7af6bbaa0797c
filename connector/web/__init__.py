"""The console, health and metrics: one small HTTP server in the daemon's own event loop."""
