"""The index: the register in a database of one's own, brought up to the chain, looked at, made anew."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from registry import dutch
from registry.cli import options, output
from registry.cli.session import Session
from registry.index import AsOf, Index

app = typer.Typer(
    no_args_is_help=True,
    help="The index: the register in a database, to ask of its whole history.\n\n"
    "It is made from the chain and the dossiers at hand, can be made anew at any time, and is never the authority. "
    "By default a file in FOODVALLEY_HOME; FOODVALLEY_INDEX names another, or a PostgreSQL database.\n\n"
    "Start with: foodvalley index update",
)


@app.command()
def update(node: options.Node = None, register: options.RegisterAddress = None, as_json: options.Json = False) -> None:
    """Bring the index up to the latest block of the chain.

    The first time it reads everything from the block in which the register was deployed; it may be stopped at any time
    and goes on from there. A reorganisation of the chain, or a chain that was reset, is followed.

    Example: foodvalley index update
    """
    session = Session(node, register)
    with session.index() as index:
        before = index.as_of
        found = session.catch_up(index)
        _print(index, found, as_json, {"updated": before != found})


@app.command()
def status(node: options.Node = None, register: options.RegisterAddress = None, as_json: options.Json = False) -> None:
    """Show how far the index is, and how far the chain.

    Example: foodvalley index status
    """
    session = Session(node, register)
    with session.index(create=False) as index:
        latest, _ = session.chain.latest()
        _print(index, index.as_of, as_json, {"latestBlock": latest})


@app.command()
def rebuild(node: options.Node = None, register: options.RegisterAddress = None, as_json: options.Json = False) -> None:
    """Throw the index away and make it anew from the chain; nothing of the register is lost by that.

    Refused for a database that holds something else than an index.

    Example: foodvalley index rebuild
    """
    session = Session(node, register)
    identity = session.identity  # the chain must answer before anything goes
    Index.discard(session.index_url(identity))
    with session.index() as index:
        _print(index, session.catch_up(index), as_json, {"updated": True})


def _print(index: Index, as_of: AsOf | None, as_json: bool, more: Mapping[str, object]) -> None:
    counts = index.counts()
    if as_json:
        known = None
        if as_of is not None:
            known = {
                "block": as_of.block,
                "blockHash": as_of.block_hash,
                "time": as_of.block_time,
                "fingerprint": as_of.fingerprint,
            }
        identity = {"chainId": index.identity.chain_id, "register": index.identity.register}
        output.print_json({"index": index.shown, **identity, "asOf": known, "counts": counts, **more})
        return
    output.print_fact("index", index.shown, whole=True)
    output.print_fact("register", f"{index.identity.register} op keten {index.identity.chain_id}", whole=True)
    if as_of is None:
        output.print_fact("stand", "nog leeg")
    else:
        behind = more.get("latestBlock")
        until = f" van {dutch.number(behind)}" if isinstance(behind, int) else ""
        output.print_fact("stand", f"blok {dutch.number(as_of.block)}{until}, {dutch.moment(as_of.block_time)}")
        output.print_fact("vingerafdruk", "0x" + as_of.fingerprint.hex(), whole=True)
    told = (
        dutch.counted(counts["agreements"], "overeenkomst", "overeenkomsten"),
        dutch.counted(counts["acts"], "handeling", "handelingen"),
        dutch.counted(counts["events"], "gebeurtenis", "gebeurtenissen"),
    )
    output.print_fact("inhoud", ", ".join(told))
