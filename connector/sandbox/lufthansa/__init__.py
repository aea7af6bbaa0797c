"""A local Miles & More Earn service: tokens, credit and uncredit, with a durable journal."""
