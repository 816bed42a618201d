"""What the endpoints work with: the register, its index, the dossiers; opened when the service starts, closed after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from registry import localnet
from registry.access import Access, Audience
from registry.api.bodies import Berths
from registry.api.carrying import outbox_of
from registry.api.following import Follower
from registry.api.ready import Ready
from registry.chain import Register, connect, find_deployment
from registry.dossier import Store
from registry.exchange import Exchange
from registry.governing import Governing
from registry.index import Identity, Index, url_of
from registry.keys import service_signer
from registry.looking import Looking
from registry.organisations import DIRECTORY, Directory
from registry.outbox import Outbox
from registry.promises import Promises
from registry.service import Service
from registry.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Context:
    """One service at work. What a part of the service needs besides is a field more, opened in :func:`opened`."""

    settings: Settings
    directory: Directory
    store: Store
    service: Service
    index: Index
    looking: Looking
    governing: Governing
    promises: Promises
    follower: Follower
    ready: Ready
    access: Access
    exchange: Exchange
    berths: Berths
    outbox: Outbox


@contextmanager
def opened(settings: Settings) -> Iterator[Context]:
    """The service on the register that the settings name, following its chain for as long as the block lasts.

    ChainError if no node answers; DeploymentError if the register is not on its chain; StorageError and its kin if a
    database cannot be used. Whatever was opened is closed again, in the opposite order.
    """
    with ExitStack() as stack:
        directory = DIRECTORY.extended(settings.organisations)
        store = Store(settings.dossiers)
        chain = connect(localnet.node_url(settings.node_url, settings.home / "chain"), settings.timeout_seconds)
        register = find_deployment(chain, settings.deployments, settings.register).register(chain, directory)
        service = Service(register, store, directory)
        identity = Identity(chain.chain_id, register.address, register.from_block)
        index = stack.enter_context(Index.open(url_of(settings, identity), identity))
        ready = Ready()
        follower = Follower(index, register, store, ready.see)
        stack.enter_context(follower)
        access = Access(index, store, _audience(settings, register), settings.organisation)
        signer = service_signer(settings, os.environ, chain.client_version, chain.url, chain.chain_id)
        exchange = Exchange(index, store, access, signer, private=settings.private_partners)
        stack.enter_context(exchange)
        outbox = stack.enter_context(outbox_of(settings, register, signer, index, follower, directory))
        yield Context(
            settings=settings,
            directory=directory,
            store=store,
            service=service,
            index=index,
            looking=Looking(service, index),
            governing=Governing(service),
            promises=Promises(service),
            follower=follower,
            ready=ready,
            access=access,
            exchange=exchange,
            berths=Berths(),
            outbox=outbox,
        )


def _audience(settings: Settings, register: Register) -> Audience:
    """What a message to sign in must name: the address that the organisation announces, else where this listens."""
    host, port = settings.listen
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return Audience.of(settings.public_url or here, register.chain.chain_id, register.address)


async def _context_of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context_of)]
"""The parameter with which an endpoint asks for the context: ``def endpoint(context: Ctx)``."""
