"""The register in SQL: rows made of its events, to ask anything of, rebuilt at will and never the authority."""

from registry.index.index import Index
from registry.index.place import url_of
from registry.index.records import AsOf, Batch, Header, Identity

__all__ = ["AsOf", "Batch", "Header", "Identity", "Index", "url_of"]
