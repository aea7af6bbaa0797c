"""A local qiibee: the users and memberships of a brand, as its Loyalty API serves them."""
