"""What one command works with: settings, directory, chain, register and key, each made when first needed."""

from __future__ import annotations

import os
import sys
import weakref
from dataclasses import dataclass
from functools import cached_property
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from registry import keys, localnet
from registry.chain import Chain, connect, find_deployment
from registry.chain.encode import address
from registry.cli import output
from registry.dossier import Dossier, Store, build, prepare
from registry.dossier.leaves import LEAVES
from registry.errors import ChainError, NotFoundError, UsageError
from registry.governing import Governing
from registry.index import AsOf, Identity, Index, url_of
from registry.looking import Looking
from registry.organisations import DIRECTORY, Directory
from registry.promises import Promises
from registry.service import Service
from registry.settings import Settings, load_settings

if TYPE_CHECKING:
    from registry.client import Client


@dataclass
class Session:
    """One run of one command; ``node``, ``register`` and ``service`` are its options, if given."""

    node: str | None = None
    register: str | None = None
    service_url: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings that hold in the working directory."""
        return load_settings(os.environ, Path.cwd())

    @cached_property
    def directory(self) -> Directory:
        """The organisations that can be called by name."""
        return DIRECTORY.extended(self.settings.organisations)

    @cached_property
    def store(self) -> Store:
        """The dossiers at hand."""
        return Store(self.settings.dossiers)

    @property
    def chain_folder(self) -> Path:
        """Where the local chain keeps its state."""
        return self.settings.home / "chain"

    @cached_property
    def node_url(self) -> str:
        """The node to ask: the option, the setting, or the local chain that runs."""
        return localnet.node_url(self.node or self.settings.node_url, self.chain_folder)

    @cached_property
    def chain(self) -> Chain:
        """The chain behind the node; ChainError if that is another than the settings name."""
        chain, wanted = connect(self.node_url, self.settings.timeout_seconds), self.settings.chain_id
        if wanted not in (None, chain.chain_id):
            raise ChainError(
                f"the node follows chain {chain.chain_id}, not {wanted}",
                hint="name a node of that chain (--node, FOODVALLEY_NODE), or another chain (FOODVALLEY_CHAIN_ID)",
            )
        return chain

    @cached_property
    def service(self) -> Service:
        """The register on that chain, with the dossiers at hand."""
        told = address(self.register) if self.register else self.settings.register
        deployment = find_deployment(self.chain, self.settings.deployments, told)
        return Service(deployment.register(self.chain, self.directory), self.store, self.directory)

    @cached_property
    def looking(self) -> Looking:
        """What can be asked of that register, of an index up to the latest block, with a bar if that takes long."""
        index = self.index()
        weakref.finalize(self, index.close)
        self.catch_up(index)
        return Looking(self.service, index)

    @cached_property
    def governing(self) -> Governing:
        """What organisations do for themselves and the council decides, there."""
        return Governing(self.service)

    @cached_property
    def promises(self) -> Promises:
        """What the parties promised, there."""
        return Promises(self.service)

    @cached_property
    def identity(self) -> Identity:
        """What an index of that register is known by."""
        register = self.service.register
        return Identity(self.chain.chain_id, register.address, register.from_block)

    def index_url(self, identity: Identity) -> str:
        """The database of the index of a register."""
        return url_of(self.settings, identity)

    def index(self, *, create: bool = True) -> Index:
        """The index of that register, opened; to be closed by who asked for it."""
        return Index.open(self.index_url(self.identity), self.identity, create=create)

    def catch_up(self, index: Index, to_block: int | None = None) -> AsOf:
        """Brings an index up to a block of the chain, the latest unless given; with a bar if that takes long."""
        with output.counting("De index wordt bijgewerkt") as tell:
            return index.catch_up(
                self.service.register,
                self.store,
                to_block=to_block,
                progress=lambda first, done, last: tell(done - first, last - first),
            )

    def dossier(self, text: str) -> Dossier:
        """The dossier a person means: a folder to build or to add, or the root of one in the store."""
        folder = Path(text)
        if folder.is_dir():
            if (folder / LEAVES).is_file():
                return self.store.add(folder)
            return self.store.same_as(folder, prepare(folder, self.directory)) or build(
                folder, self.store, self.directory
            )
        if folder.exists():
            raise UsageError(f"{text} is a file, not a folder", hint="name the folder that holds the manifest")
        return self.store.get(self.stored_root(text))

    @cached_property
    def remote(self) -> Client | None:
        """The service that is asked instead of a node; None if a node is named, or no service."""
        url = self.service_url or (None if self.node else self.settings.service)
        if url is None:
            return None
        if self.node:
            raise UsageError("--node and --service exclude each other", hint="give one of them")
        from registry.client import Client  # with all that it needs, which most commands do without

        client = Client(url)
        weakref.finalize(self, client.close)
        return client

    def stored_root(self, text: str) -> bytes:
        """The root of the one dossier in the store that begins with these hexadecimal digits."""
        digits = text.lower().removeprefix("0x")
        if not digits or not set(digits) <= set("0123456789abcdef"):
            raise UsageError(
                f"there is no folder {text}", hint="name a folder with a manifest, or the root of a dossier"
            )
        found = [root for root in self.store.roots() if root.hex().startswith(digits)]
        if not found:
            raise NotFoundError(
                f"there is no dossier {text} in {self.store.folder}",
                hint="see what there is (foodvalley dossier list), or add it (foodvalley dossier add FOLDER)",
            )
        if len(found) > 1:
            nearest = ", ".join(f"0x{root.hex()[: len(digits) + 6]}" for root in found[:5])
            raise UsageError(f"{text} fits {len(found)} dossiers", hint=f"write more digits: {nearest}")
        return found[0]

    def signer(self, key: str | None, dev: str | None, password_file: Path | None) -> keys.Signer:
        """The key that the options name; UsageError if they name none or two."""
        if key and dev:
            raise UsageError("--key and --dev exclude each other", hint="give one of them")
        if dev:
            return keys.development_signer(dev, self.chain.client_version, self.node_url, self.chain.chain_id)
        if not key:
            raise UsageError(
                "no key is named", hint="give --key NAME (see: foodvalley key list), or --dev ROLE on a local chain"
            )
        return keys.load(self.settings.keys, key, self.password(password_file))

    def password(self, password_file: Path | None, *, new: bool = False) -> str:
        """The password from file, environment or prompt; asked twice for a new key."""
        ask = (lambda text: getpass(text, sys.stderr)) if sys.stdin.isatty() else None
        return keys.read_password(file=password_file, environ=os.environ, prompt=ask, confirm=new)
