"""`foodvalley` without the second that each process takes to import web3: a server that forks for every command.

A page with fifty commands would else import for a minute. The command runs as always, in a process of its own, with the
caller's standard streams, folder and environment; README.md is still run with the program as it is installed.

    python tests/warm.py serve SOCKET        until it is killed
    python tests/warm.py SOCKET ARGUMENTS    one command; its exit code
"""

from __future__ import annotations

import array
import json
import os
import signal
import socket
import sys
from pathlib import Path

_FORK_BYTES = 1 << 20


def serve(path: str) -> None:
    from registry.cli.app import _add_commands, run

    _add_commands()
    import registry.chain
    import registry.cli.session  # noqa: F401

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            with connection:
                message, streams = _received(connection)
                if os.fork() == 0:
                    server.close()
                    code = 1
                    try:
                        code = _run(run, message, streams)
                    finally:
                        connection.sendall(bytes([code]))
                        os._exit(code)
            for stream in streams:
                os.close(stream)
            while True:
                try:
                    if os.waitpid(-1, os.WNOHANG)[0] == 0:
                        break
                except ChildProcessError:
                    break


def _received(connection: socket.socket) -> tuple[dict, list[int]]:
    data, ancillary, _, _ = connection.recvmsg(_FORK_BYTES, socket.CMSG_LEN(3 * array.array("i").itemsize))
    streams = array.array("i")
    for _, _, payload in ancillary:
        streams.frombytes(payload)
    while not data.endswith(b"\n"):
        data += connection.recv(_FORK_BYTES)
    return json.loads(data), list(streams)


def _run(run, message: dict, streams: list[int]) -> int:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(message["folder"])
    os.environ.clear()
    os.environ.update(message["environ"])
    sys.argv = ["foodvalley", *message["arguments"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = run(message["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def ask(path: str, arguments: list[str]) -> int:
    message = {"arguments": arguments, "folder": str(Path.cwd()), "environ": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        streams = array.array("i", [0, 1, 2])
        data = json.dumps(message).encode() + b"\n"
        sent = connection.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
        connection.sendall(data[sent:])
        answer = connection.recv(1)
    return answer[0] if answer else 1


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
