"""The local database: mirror of Mews, members of the scheme, cursors, decisions, and the award ledger."""
