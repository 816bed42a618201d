"""Partners that lie: services which answer on a loopback port with whatever harms, over raw sockets."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from registry.dossier import Dossier
from registry.dossier.leaves import LEAVES

Reply = Callable[[socket.socket, str, str], None]
"""Answers one request: on this connection, the method and path, and the value of Range."""


def respond(
    connection: socket.socket, body: bytes, *headers: str, status: str = "200 OK", length: int | None = None
) -> None:
    """An answer with this body; ``length`` is what it says of its length, if that is not so."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", "Connection: close"]
    connection.sendall("\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body)


@contextmanager
def listening(reply: Reply) -> Iterator[str]:
    """The address of a service that answers as it likes, each connection once; it ends with the block."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def answer(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(20)
                asked = b""
                while b"\r\n\r\n" not in asked:
                    if not (more := connection.recv(65536)):
                        return
                    asked += more
                head = asked.decode("latin-1")
                method, path = head.split(" ", 2)[:2]
                ranged = next((one[7:] for one in head.split("\r\n") if one.lower().startswith("range: ")), "")
                reply(connection, f"{method} {path}", ranged)

        def run() -> None:
            while not stop.is_set():
                with suppress(TimeoutError):
                    connection, _ = server.accept()
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


def honest(dossier: Dossier) -> Reply:
    """Serves a dossier as a service does, with ranges."""

    def reply(connection: socket.socket, asked: str, ranged: str) -> None:
        if asked.endswith("/leaves"):
            respond(connection, (dossier.folder / LEAVES).read_bytes())
        elif "/documents/" in asked:
            content = dossier.path(int(asked.rsplit("/", 1)[1])).read_bytes()
            start = int(ranged.removeprefix("bytes=").rstrip("-")) if ranged else 0
            told = f"Content-Range: bytes {start}-{len(content) - 1}/{len(content)}"
            respond(connection, content[start:], told, status="206 Partial Content" if ranged else "200 OK")
        else:
            respond(connection, b"{}", status="404 Not Found")

    return reply


def lying(dossier: Dossier, lie: Callable[[socket.socket, str], None], on: str = "/documents/1") -> Reply:
    """As :func:`honest`, but for the addresses that end so."""
    truth = honest(dossier)

    def reply(connection: socket.socket, asked: str, ranged: str) -> None:
        if asked.endswith(on):
            lie(connection, asked)
        else:
            truth(connection, asked, ranged)

    return reply


def wrong_bytes(connection: socket.socket, asked: str) -> None:
    """Another document."""
    respond(connection, b"%PDF-1.7 another text altogether")


def too_few(connection: socket.socket, asked: str) -> None:
    """Four bytes of a million, and then nothing."""
    respond(connection, b"%PDF", length=1_000_000)


def endless(connection: socket.socket, asked: str) -> None:
    """A document without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def huge_header(connection: socket.socket, asked: str) -> None:
    """A header of four megabytes."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"h" * (4 << 20) + b"\r\n\r\n")


def endless_headers(connection: socket.socket, asked: str) -> None:
    """Headers without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000_000):
        connection.sendall(f"X-{number}: {'h' * 900}\r\n".encode())


def always_continue(connection: socket.socket, asked: str) -> None:
    """Promises of an answer without end."""
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)


def crumbs(connection: socket.socket, asked: str) -> None:
    """A document byte by byte, as fast as it goes."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1\r\nx\r\n" * 5000)


def slow_loris(connection: socket.socket, asked: str) -> None:
    """A byte now and then."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b".")
        time.sleep(0.2)


def slow_header(connection: socket.socket, asked: str) -> None:
    """A header, a byte now and then."""
    for one in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 10_000:
        connection.sendall(bytes([one]))
        time.sleep(0.2)


def silent(connection: socket.socket, asked: str) -> None:
    """Nothing at all, for a while."""
    time.sleep(15)


def elsewhere(connection: socket.socket, asked: str) -> None:
    """An address on this machine instead of an answer."""
    respond(connection, b"", "Location: http://127.0.0.1:1/v1/secret", status="302 Found")


def bomb(connection: socket.socket, asked: str) -> None:
    """64 megabytes of nothing, packed."""
    respond(connection, gzip.compress(bytes(64 << 20)), "Content-Encoding: gzip")


def garbage(connection: socket.socket, asked: str) -> None:
    """No HTTP."""
    connection.sendall(b"\x00\xff not HTTP at all\r\n\r\n")


def hangs_up(connection: socket.socket, asked: str) -> None:
    """Not even that."""
    connection.close()


def nested(connection: socket.socket, asked: str) -> None:
    """Two million lists in each other."""
    respond(connection, b"[" * 2_000_000)


def wrong_root(connection: socket.socket, asked: str) -> None:
    """The leaves of another dossier."""
    leaf = {"path": "manifest.json", "salt": "11" * 32, "leaf": "22" * 32}
    told = {"format": 1, "root": "33" * 32, "leaves": [leaf, {**leaf, "path": "overeenkomst.pdf"}]}
    respond(connection, json.dumps(told).encode())


ALL = (
    wrong_bytes,
    too_few,
    endless,
    huge_header,
    endless_headers,
    always_continue,
    crumbs,
    slow_loris,
    slow_header,
    silent,
    elsewhere,
    bomb,
    garbage,
    hangs_up,
)
