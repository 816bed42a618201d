"""Erasing a document and its salt, or a whole dossier, so that nothing is left that points to what it said.

Of a document that is erased its leaf stays, a hash of 32 bytes that nobody can trace without the salt; so the root can
still be recomputed and every other document still be proven (GDPR art. 17; EDPB guidelines 02/2025). Its path and title
stand in the manifest, which is a document itself: where these say too much, the whole dossier goes. Of that only the
leaves stay, without their paths.

What was erased is written down beside the dossiers, in ``erased/ROOT.json``: who asked, when, why, and what the
partners answered. As long as that file is there the document cannot come back.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from registry.dossier.leaves import LEAVES, MANIFEST, Leaf, write_leaves
from registry.dossier.streams import storage_errors, sync_folder
from registry.errors import NotFoundError, RefusedError, StorageError

if TYPE_CHECKING:
    from registry.dossier.record import Dossier
    from registry.dossier.store import Store

FOLDER = "erased"


class Answer(BaseModel):
    """What a partner's service said to a request to erase the same."""

    model_config = ConfigDict(frozen=True)

    organisation: str
    status: str = "asked"
    at: int = 0
    tries: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing more to ask."""
        return self.status in ("erased", "absent", "refused")


class Erasure(BaseModel):
    """One erasure: of leaf ``index``, or of the whole dossier if that is None. The reason stays here."""

    model_config = ConfigDict(frozen=True)

    index: int | None
    leaf: str
    asked_by: str
    at: int
    reason: str = ""
    request: dict[str, object] | None = None
    answers: tuple[Answer, ...] = ()


class Asked(BaseModel):
    """A request of a partner to erase the same here, on which a person decides."""

    model_config = ConfigDict(frozen=True)

    index: int | None
    organisation: str
    signatory: str
    at: int
    refused: bool = False


class Record(BaseModel):
    """What is written down of one dossier; ``leaves`` are those of a dossier that is gone whole."""

    model_config = ConfigDict(frozen=True)

    root: str
    leaves: tuple[str, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    asked: tuple[Asked, ...] = Field(default=())

    @property
    def is_whole(self) -> bool:
        """Whether the dossier itself is gone."""
        return any(one.index is None for one in self.erasures)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants something erased, and why; the reason is kept here and goes nowhere."""

    asked_by: str
    reason: str = ""


def erase(store: Store, root: bytes, index: int | None, wish: Wish) -> Erasure:
    """Erases the document of a leaf, or the whole dossier; may be called again if it was interrupted.

    NotFoundError if the dossier is not here, RefusedError of the manifest alone, StorageError when a disk fails.
    """
    known = record_of(store, root)
    if known is not None and known.is_whole:
        _remove(store.place(root))
        return next(one for one in known.erasures if one.index is None)
    dossier = store.get(root)
    if index == 0:
        raise RefusedError(
            f"{MANIFEST} says what the other documents are, so it cannot go by itself", hint="erase the whole dossier"
        )
    if index is not None and not 0 < index < len(dossier.leaves):
        raise NotFoundError(f"the dossier has no leaf {index}")
    done = next((one for one in known.erasures if one.index == index), None) if known else None
    made = done or Erasure(
        index=index,
        leaf="" if index is None else dossier.leaves[index].leaf.hex(),
        asked_by=wish.asked_by,
        at=int(time.time()),
        reason=wish.reason,
    )
    leaves = tuple(one.leaf.hex() for one in dossier.leaves) if index is None else ()
    # Written down first: from then on it cannot come back, and whoever finds it half done can finish it.
    if done is None:
        change(store, root, lambda one: one.model_copy(update={"erasures": (*one.erasures, made), "leaves": leaves}))
    if index is None:
        _remove(store.place(root))
    else:
        _erase_document(dossier, index)
    return made


def finish(store: Store) -> None:
    """Finishes what was being erased when a process was killed."""
    for record in records(store):
        root = bytes.fromhex(record.root)
        if record.is_whole:
            _remove(store.place(root))
            continue
        dossier = store.find(root)
        if dossier is None:
            continue
        for one in record.erasures:
            if one.index is not None:
                _erase_document(dossier, one.index)
                dossier = store.get(root)


def require_not_erased(store: Store, root: bytes) -> None:
    """RefusedError if the whole dossier was erased here: it does not come back."""
    record = record_of(store, root)
    if record is not None and record.is_whole:
        raise RefusedError(
            f"the dossier 0x{root.hex()} was erased here, and stays so",
            hint=f"to take it in again all the same, remove {_place(store, root)}",
        )


def gone_from(store: Store, root: bytes) -> frozenset[int]:
    """Which documents of a dossier were erased here."""
    record = record_of(store, root)
    return frozenset(one.index for one in record.erasures if one.index is not None) if record else frozenset()


def without_erased(store: Store, root: bytes, leaves: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
    """The leaves as they may be kept here: those that were erased here before, without their salts."""
    gone = gone_from(store, root)
    return tuple(replace(one, salt=None) if index in gone else one for index, one in enumerate(leaves))


def record_of(store: Store, root: bytes) -> Record | None:
    """What was erased of a dossier, or asked to be; None if nothing. StorageError if that cannot be read."""
    place = _place(store, root)
    with storage_errors(place, "read"):
        if not place.is_file():
            return None
        content = place.read_bytes()
    try:
        return Record.model_validate_json(content)
    except ValidationError as error:
        raise StorageError(f"{place} is damaged", hint="restore it: it says what must not come back") from error


def records(store: Store) -> Iterator[Record]:
    """What was erased or asked for, of all dossiers, by root."""
    folder = store.folder / FOLDER
    with storage_errors(folder, "read"):
        names = sorted(one.stem for one in folder.glob("*.json")) if folder.is_dir() else []
    for name in names:
        if len(name) == 64 and set(name) <= set("0123456789abcdef"):
            found = record_of(store, bytes.fromhex(name))
            if found is not None:
                yield found


def change(store: Store, root: bytes, how: Callable[[Record], Record]) -> Record:
    """Writes down something more, whole or not at all, while nobody else does."""
    place = _place(store, root)
    with storage_errors(place, "write"):
        place.parent.mkdir(parents=True, exist_ok=True)
        with (place.parent / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = how(record_of(store, root) or Record(root=root.hex()))
            handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".writing-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(json.dumps(made.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(place)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        sync_folder(place.parent)
    return made


def _erase_document(dossier: Dossier, index: int) -> None:
    leaf = dossier.leaves[index]
    if not leaf.is_erased:
        leaves = tuple(replace(one, salt=None) if one is leaf else one for one in dossier.leaves)
        target, temporary = dossier.folder / LEAVES, dossier.folder / f".{LEAVES}"
        with storage_errors(target, "write"):
            with temporary.open("wb") as file:
                file.write(write_leaves(leaves))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
            sync_folder(dossier.folder)
    place = dossier.folder / leaf.path
    with storage_errors(place, "remove"):
        place.unlink(missing_ok=True)
        with suppress(OSError):  # a folder that holds other documents stays
            for folder in place.parents:
                if folder == dossier.folder:
                    break
                folder.rmdir()
        sync_folder(dossier.folder)


def _remove(folder: Path) -> None:
    with storage_errors(folder, "remove"):
        if folder.is_dir():
            shutil.rmtree(folder)
            sync_folder(folder.parent)


def _place(store: Store, root: bytes) -> Path:
    return store.folder / FOLDER / f"{root.hex()}.json"
