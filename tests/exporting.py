"""A register to export: nearly everything happened in it, and somebody tried to do harm with it."""

from __future__ import annotations

from world import Desk, account

from registry.model import Action, Stage
from registry.statements import hash_act

HOSTILE = '=HYPERLINK("http://kwaad.example";"klik") #link("http://kwaad.example")[klik] \u202egnorw'
"""A title that would be a formula, markup, a link, or turn text around, where one is careless."""
SERVICE = "=cmd|' /C calc'!A0\x1b[31m"
"""The address of a service that would be a formula, and steers a terminal."""


def filled(desk: Desk) -> Desk:
    """The desk, once all that has happened on its register."""
    region = desk.region
    promised = [
        {"id": "T1", "organisation": "gm0339", "text": "Renswoude legt het fietspad aan.", "due": "2026-01-31"},
        {"id": "T2", "organisation": "gm0345", "text": "+31 318 538 538 bellen"},
    ]
    first = desk.concluded("renswoude", "veenendaal", title=HOSTILE, notice_days=30, extra={"commitments": promised})
    changed = desk.agree(desk.draft("renswoude", "veenendaal", follows=first, since=5, text="wijziging"))
    second = desk.concluded("ede", "utrecht", since=-200, until=-20)
    desk.concluded("barneveld", "nijkerk", "rhenen", since=40)
    desk.agree(
        desk.draft(follows=second, since=-10, title="Besluit", extra={"parties": [], "kind": "besluit"}), "ede", "pv26"
    )
    waiting = desk.draft("wageningen", "ede", title="Nog niet")
    desk.service.propose(waiting, region.signer("wageningen"), b"\7" * 32)
    view = desk.view
    promise = desk.promises.find(view, view.ledger.agreement_of(hash_act(changed)), "T1")
    desk.promises.report(view, promise, "gm0339", Stage.STARTED, region.signer("renswoude"), b"\5" * 32)
    view = desk.view
    promise = desk.promises.find(view, view.ledger.agreement_of(hash_act(changed)), "T1")
    desk.promises.confirm(view, promise, "gm0339", "gm0345", region.signer("veenendaal"))
    region.register.announce("gm0228", SERVICE, region.signer("gm0228:admin"))
    desk.decided(desk.motion(Action.ADMIT, "pv20", administrator="stranger", votes=True))
    region.register.dismiss("gm0279", account("gm0279"), region.signer("gm0279:admin"))
    return desk
