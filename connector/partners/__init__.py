"""The partners' channels: one folder each, nothing about a partner outside its own."""
