"""Dossiers at a service: read them leaf by leaf, send them leaf by leaf, ask for an erasure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.client.http import Allow, Http, member
from registry.dossier.leaves import LEAVES, MAX_BYTES
from registry.dossier.streams import chunks
from registry.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Document:
    """A document on its way: from which byte on, and its bytes in pieces."""

    start: int
    pieces: Iterator[bytes]


class Dossiers:
    """The dossiers of one service."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def describe(self, root: bytes) -> Mapping[str, Any]:
        """What a dossier holds; NotFoundError if it is not there, or not for who signed in."""
        found: Mapping[str, Any] = self._http.get(f"dossiers/0x{root.hex()}")
        return found

    def leaves(self, root: bytes) -> bytes:
        """The bytes of its leaves.json, as yet unchecked."""
        with self._http.answering("GET", f"dossiers/0x{root.hex()}/leaves") as answer:
            return self._http.whole(answer, MAX_BYTES)

    @contextmanager
    def document(self, root: bytes, index: int, start: int = 0, allow: Allow | None = None) -> Iterator[Document]:
        """The bytes of one document, from ``start`` on if the service can do that, else from the first.

        Leaf 0 is the manifest. As yet unchecked; as many as come.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        path = f"dossiers/0x{root.hex()}/documents/{index}"
        with self._http.answering("GET", path, headers=headers, allow=allow) as answer:
            ranged = answer.headers.get("content-range", "").startswith(f"bytes {start}-")
            yield Document(start if answer.status_code == 206 and ranged else 0, self._http.pieces(answer))

    def send(self, folder: Path, root: bytes, paths: list[str], tell: Callable[[int, int], None]) -> None:
        """Sends a dossier from a folder, what is not there yet; ``paths`` are those of its leaves, in order."""
        path = f"dossiers/0x{root.hex()}"
        content = (folder / LEAVES).read_bytes()
        told = self._http.ask("PUT", f"{path}/leaves", content=content, headers={"Content-Type": "application/json"})
        for done, index in enumerate(missing := self._missing(told, len(paths))):
            tell(done, len(missing))
            file = folder / paths[index]
            # Told beforehand, so that the service can refuse what is too large before it comes.
            length = {"Content-Length": str(file.stat().st_size)}
            told = self._http.ask("PUT", f"{path}/documents/{index}", content=chunks(file), headers=length)
        if self._missing(told, len(paths)):
            raise ServiceError(f"{self._http.shown} has not all of the dossier", hint="send it again")

    def ask_erasure(self, request: Mapping[str, object]) -> str:
        """Hands a signed request to erase to a partner's service; its answer in one word."""
        told = self._http.ask("POST", "erasures", body=request)
        status = member(told, "status")
        return status if isinstance(status, str) and len(status) <= 20 and status.isalpha() else "unclear"

    def _missing(self, told: Any, count: int) -> list[int]:
        """The leaves, of so many, that the service still lacks."""
        missing = member(told, "missing")
        if not isinstance(missing, list) or not all(isinstance(one, int) and 0 <= one < count for one in missing):
            raise ServiceError(f"{self._http.shown} does not say what is missing of the dossier")
        return missing
