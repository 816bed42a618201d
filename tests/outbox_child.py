"""A service's outbox in a process of its own, to be killed (kill -9) at a point that is named beforehand.

The points are every statement and commit of the database and every request to the node, each before and after: between
two of them nothing happens that anybody could see. The process that is started imports everything once and then makes
a child for each line that it reads, a JSON document; it answers with how that ended.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

HERE = Path(__file__).resolve()


@dataclass(frozen=True)
class Ended:
    """How a child ended: killed or not, the id of the submission if that was answered, and the points it came by."""

    killed: bool
    accepted: bytes | None
    points: tuple[str, ...]


class Nursery:
    """The process that makes the children."""

    def __init__(self, process: Popen[str]) -> None:
        self._process = process

    def run(self, content: Any, kill_at: str | None, **where: Any) -> Ended:
        """Hands something in at an outbox of its own, and ends once it is mined; or is killed at a point.

        A point is known by what happens there, and the how manieth of its kind it is: "before commit 3".
        """
        told = {"content": pickle.dumps(content).hex(), "killAt": kill_at, **where}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        accepted, points = None, []
        while True:
            line = self._process.stdout.readline()
            assert line, "the nursery ended"
            word, _, rest = line.strip().partition(" ")
            if word == "accepted":
                accepted = bytes.fromhex(rest)
            elif word == "point":
                points.append(rest)
            elif word == "ended":
                assert rest in ("0", str(-signal.SIGKILL)), rest
                return Ended(rest != "0", accepted, tuple(points))


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery, gone afterwards."""
    environment = os.environ | {"PYTHONPATH": f"{HERE.parents[1]}{os.pathsep}{HERE.parent}"}
    process = Popen([sys.executable, str(HERE)], stdin=PIPE, stdout=PIPE, text=True, env=environment)
    try:
        yield Nursery(process)
    finally:
        process.kill()
        process.communicate()


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def _short(statement: str) -> str:
    """What a statement does, and to which table."""
    return " ".join(statement.partition("(")[0].partition(" SET ")[0].split()[:3])


def _child(told: dict[str, Any]) -> None:
    import outboxes
    from sqlalchemy import event

    from registry.chain import connect, find_deployment
    from registry.chain.raw import Raw
    from registry.keys import development_signer
    from registry.outbox import Outbox, State

    counted_by_name: Counter[str] = Counter()

    def reached(name: str) -> None:
        if not threading.current_thread().name.startswith("outbox"):
            return  # whoever asks how far it is
        counted_by_name[name] += 1
        point = f"{name} {counted_by_name[name]}"
        _say(f"point {point}")
        if point == told["killAt"]:
            os.kill(os.getpid(), signal.SIGKILL)

    chain = connect(told["node"], 20)
    register = find_deployment(chain, Path(told["deployments"]), None).register(chain)
    signer = development_signer("carrier", chain.client_version, told["node"], chain.chain_id)
    box = Outbox.open(told["url"], register, signer, lambda *_: (), pace=outboxes.QUICK)
    engine = box._store.engine
    post = Raw._post

    def counted(self: Raw, body: Any) -> Any:
        methods = {one["method"] for one in body} if isinstance(body, list) else {body["method"]}
        reached(f"before {methods}")
        answer = post(self, body)
        reached(f"after {methods}")
        return answer

    Raw._post = counted  # type: ignore[method-assign]
    for when in ("before", "after"):
        event.listen(engine, f"{when}_cursor_execute", lambda *told, when=when: reached(f"{when} {_short(told[2])}"))
    event.listen(engine, "commit", lambda *_: reached("before commit"))
    with box:
        found = box.submit(pickle.loads(bytes.fromhex(told["content"])))
        _say(f"accepted {found.id.hex()}")
        outboxes.until(box, found.id, State.MINED, State.FINAL)
    os._exit(0)


def main() -> None:
    """Makes a child for each line."""
    import outboxes  # noqa: F401 - once, before there are children

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                _child(json.loads(line))
            except BaseException:  # noqa: BLE001 - whatever it is, this child goes no further
                import traceback

                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
