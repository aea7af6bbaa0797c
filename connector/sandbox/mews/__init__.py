"""A local Mews: the operations that the connector uses, held strictly to the published contract."""
