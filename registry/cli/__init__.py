"""The ``foodvalley`` command: thin over ``registry.service``; what people see is Dutch, help and errors English."""

from registry.cli.app import main

__all__ = ["main"]
