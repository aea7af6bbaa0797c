"""A local qiibee: the users, memberships and exchanges of a brand, as its Loyalty API serves them."""
