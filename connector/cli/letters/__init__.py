"""Letters to guests: what a stay earns and how that came about, in plain words of their language."""
