"""Contract wallets (EIP-1271) as signatories: one is deployed, appointed and approves."""

from __future__ import annotations

from acts import ZERO, Act
from motions import Motion
from reference_types import hash_of
from stateful_cast import ACCEPT
from stateful_story import Story
from stateful_world import DEPLOY_WALLET, Step, World


def wallet(world: World, kind: str, struct: Act | Motion, decision: bytes, answer: int = ACCEPT) -> Step:
    told = world.wallet_for(kind, struct, decision, answer)
    return Step(DEPLOY_WALLET, (told.answer, told.digest, told.signature), world.cast.carrier, "deploy a wallet")


def approve_by_wallet(world: World, kind: str, struct: Act | Motion, organisation: bytes) -> Story:
    """A contract wallet is deployed, appointed, and its approval carried to the chain or sent by itself."""
    decision = world.cited()
    deployed = yield wallet(world, kind, struct, decision)
    heir = world.model.heir(organisation)
    if heir not in world.model.members:
        return
    arguments = (heir, deployed.value, 0, 0, world.pick([1, 1, 2]), ZERO)
    appointed = yield Step("appoint", arguments, world.administrator(heir), "appoint a wallet")
    if not appointed.accepted:
        return
    by_itself = "approve" if kind == "Approval" else "vote"
    if world.maybe(0.7):
        signature = world.cast.wallets[deployed.value].signature
        arguments = (deployed.value, hash_of(struct), decision, signature)
        yield Step(by_itself + "For", arguments, world.anyone(), "carry the approval of a wallet")
    else:
        yield Step(by_itself, (hash_of(struct), decision), deployed.value, "approve as a wallet")
