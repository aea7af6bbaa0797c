"""The Mews Connector API: what the connector reads from it and writes to it."""
