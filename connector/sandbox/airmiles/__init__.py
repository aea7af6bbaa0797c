"""A local AIR MILES: tokens, the partner-calculated issuance calls, and the transaction history."""
