"""Asking the partners to erase what was erased here, and writing down what each answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from registry.client import Client
from registry.dossier import Store
from registry.dossier.erasing import Answer, Erasure, change
from registry.errors import RefusedError, UnavailableError
from registry.journal import note


def ask_all(
    store: Store,
    root: bytes,
    done: Erasure,
    request: dict[str, object],
    whom: Iterable[str],
    reach: Mapping[str, Callable[[], Client]],
) -> tuple[Answer, ...]:
    """Asks these organisations to erase the same: writes down that they are asked, then asks who can be reached, once.

    ``request`` is the signed request. Returns what all answered so far; a running service goes on with those that did
    not settle it.
    """
    wanted = tuple(whom)

    def asked(one: Erasure) -> Erasure:
        known = {answer.organisation for answer in one.answers}
        more = (Answer(organisation=organisation) for organisation in wanted if organisation not in known)
        return one.model_copy(update={"request": request, "answers": (*one.answers, *more)})

    erasure = _change(store, root, done.index, asked)
    return tuple(
        answer
        if answer.is_settled or answer.organisation not in reach
        else ask(store, root, erasure, answer, reach[answer.organisation])
        for answer in erasure.answers
    )


def ask(store: Store, root: bytes, erasure: Erasure, answer: Answer, reach: Callable[[], Client]) -> Answer:
    """Asks one partner to erase the same, and writes its answer down."""
    try:
        with reach() as client:
            status = client.dossiers.ask_erasure(erasure.request or {})
    except (RefusedError, UnavailableError) as error:
        status = "failed"
        note("ask to erase", "0x" + root.hex(), status, origin=answer.organisation, reason=error.message)
    else:
        note("ask to erase", "0x" + root.hex(), status, origin=answer.organisation)
    told = answer.model_copy(update={"status": status, "at": int(time.time()), "tries": answer.tries + 1})

    def settled(one: Erasure) -> Erasure:
        answers = tuple(told if each.organisation == told.organisation else each for each in one.answers)
        return one.model_copy(update={"answers": answers})

    _change(store, root, erasure.index, settled)
    return told


def _change(store: Store, root: bytes, index: int | None, alter: Callable[[Erasure], Erasure]) -> Erasure:
    """Alters what is written down of one erasure, and returns it as it is then."""
    record = change(
        store,
        root,
        lambda one: one.model_copy(
            update={"erasures": tuple(alter(each) if each.index == index else each for each in one.erasures)}
        ),
    )
    return next(one for one in record.erasures if one.index == index)
