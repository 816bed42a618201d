"""The service measured under load, and asked all that its description allows."""
