"""Questions to a node, many at a time: plain JSON-RPC over HTTP, and nothing of the answers believed.

Uses neither web3 nor anything else of :mod:`registry.chain`, so that a mistake there does not hide itself here. What is
no answer at all is a ChainError; what the node refuses to answer is a :class:`Refusal`, for the caller to judge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests

from registry.errors import ChainError, UsageError

_TIMEOUT_SECONDS = 60
_ATTEMPTS = 3
_BATCH = 200
_LARGEST_ANSWER = 64 * 1024 * 1024

Call = tuple[str, Sequence[object]]


class Refusal(Exception):  # noqa: N818 - an answer, if not the one that was hoped for
    """The node understood the question and does not answer it."""


class Node:
    """One node at a URL. ``shown`` is the URL without user name, password, path and query."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self.shown = _without_secrets(url)

    def close(self) -> None:
        """Lets go of the connection."""
        self._session.close()

    def ask(self, method: str, *params: object) -> Any:
        """One answer; ChainError if there is none, Refusal if the node says no."""
        answer = next(self.ask_all([(method, params)]))
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def ask_all(self, calls: Sequence[Call]) -> Iterator[Any]:
        """The answers in the order of the questions; a Refusal stands where the node says no."""
        for start in range(0, len(calls), _BATCH):
            yield from self._batch(calls[start : start + _BATCH])

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        asked = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
            for number, (method, params) in enumerate(calls)
        ]
        answered = self._post(asked)
        if isinstance(answered, dict) and "error" in answered and len(calls) > 1:
            # Too large a batch for this node, or none at all: ask in two halves, at last one by one.
            middle = len(calls) // 2
            return self._batch(calls[:middle]) + self._batch(calls[middle:])
        if isinstance(answered, dict):
            answered = [answered]
        if not isinstance(answered, list):
            raise self._nonsense()
        found: dict[int, Any] = {}
        for one in answered:
            if not isinstance(one, dict):
                raise self._nonsense()
            number = one.get("id", 0 if len(calls) == 1 else None)
            if len(calls) == 1 and number is None:
                number = 0
            if type(number) is not int or number in found or not 0 <= number < len(calls):
                raise self._nonsense()
            if one.get("error") is not None:
                error = one["error"]
                said = error.get("message") if isinstance(error, dict) else error
                found[number] = Refusal(str(said)[:300])
            elif "result" in one:
                found[number] = one["result"]
            else:
                raise self._nonsense()
        if len(found) != len(calls):
            raise self._nonsense()
        return [found[number] for number in range(len(calls))]

    def _post(self, asked: list[dict[str, object]]) -> Any:
        body: object = asked[0] if len(asked) == 1 else asked
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._session.post(self._url, json=body, timeout=_TIMEOUT_SECONDS, stream=True) as answer:
                    if answer.status_code >= 500 and attempt < _ATTEMPTS:
                        continue
                    text = answer.raw.read(_LARGEST_ANSWER + 1, decode_content=True)
                if len(text) > _LARGEST_ANSWER:
                    return {"error": {"message": "the answer is too large"}}
                return json.loads(text)
            except (ValueError, RecursionError) as error:
                raise self._nonsense() from error
            except (requests.ConnectionError, requests.Timeout) as error:
                if attempt == _ATTEMPTS:
                    raise self._silent() from error
            except (requests.RequestException, OSError) as error:
                raise self._silent() from error
            except Exception as error:  # what urllib3 raises while the answer is read, it does not translate
                if type(error).__module__.partition(".")[0] != "urllib3":
                    raise
                if attempt == _ATTEMPTS:
                    raise self._silent() from error
        raise self._silent()

    def _silent(self) -> ChainError:
        return ChainError(
            f"the node at {self.shown} does not answer any more",
            hint="see whether it runs, or name another (--node URL); an audit that was cut short says nothing",
        )

    def _nonsense(self) -> ChainError:
        return ChainError(f"what answers at {self.shown} does not answer as a node does", hint="ask another node")


def quantity(value: object) -> int:
    """A number as nodes write it ("0x1f"); ChainError if it is none."""
    try:
        if not isinstance(value, str) or not value.startswith("0x") or len(value) > 66:
            raise ValueError(value)
        return int(value, 16)
    except ValueError as error:
        raise ChainError(
            "the node answers something else where a number must stand", hint="ask another node"
        ) from error


def data(value: object, length: int | None = None) -> bytes:
    """Bytes as nodes write them ("0x…"), of this length if one is given; ChainError if they are none."""
    try:
        if not isinstance(value, str) or not value.startswith("0x"):
            raise ValueError(value)
        found = bytes.fromhex(value[2:])
        if length is not None and len(found) != length:
            raise ValueError(value)
    except ValueError as error:
        raise ChainError("the node answers something else where bytes must stand", hint="ask another node") from error
    return found


def fields(value: object) -> dict[str, Any]:
    """An object with fields; ChainError if it is none."""
    if not isinstance(value, dict):
        raise ChainError(
            "the node does not have what it told of: a block or transaction is missing", hint="ask another node"
        )
    return value


def _without_secrets(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError("the address of the node is not a web address") from error
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
