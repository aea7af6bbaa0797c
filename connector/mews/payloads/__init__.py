"""Mews's records, read into the domain's own words; only what is used is required of a record."""
