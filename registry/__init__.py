"""A register of agreements between public bodies that nobody owns and everybody can check."""

__version__ = "0.1.0"
