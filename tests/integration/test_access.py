"""Signing in with the key of a signatory, and who may read which dossier, on a real chain with a real index."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_defunct
from indexes import identity_of
from world import DAY, Desk, Region, account

from registry import localnet
from registry.access import Access, Audience, SignedIn, write_message
from registry.access.sessions import MOST_OF_A_SIGNATORY, SECONDS, Sessions
from registry.dossier import Store
from registry.errors import NotFoundError, NotSignedInError
from registry.index import Index
from registry.model import Act
from registry.statements import hash_act

HOME = "https://register.veenendaal.nl"


@dataclass
class Door:
    """The access of Veenendaal's service, with a clock that can be put forward."""

    region: Region
    index: Index
    desk: Desk
    own: str | None = "gm0345"
    ahead: float = 0
    access: Access = field(init=False)

    def __post_init__(self) -> None:
        audience = Audience.of(HOME, self.region.chain.chain_id, self.region.register.address)
        self.access = Access(self.index, self.store, audience, self.own, lambda: self.region.now() + self.ahead)

    @property
    def store(self) -> Store:
        return self.desk.service.store

    def message(self, role: str, *, url: str = HOME, chain: int | None = None, register: str | None = None) -> str:
        where = Audience.of(url, chain or self.region.chain.chain_id, register or self.region.register.address)
        return write_message(where, account(role), self.access.challenge().nonce, self.region.now() + int(self.ahead))

    def signed(self, role: str, message: str) -> SignedIn:
        return self.access.sign_in(message, "0x" + self.region.signer(role).sign_text(message).hex())

    def enter(self, role: str) -> str:
        self.follow()
        return self.signed(role, self.message(role)).token

    def follow(self) -> None:
        self.index.catch_up(self.region.register, self.store)

    def reads(self, token: str | None, root: bytes) -> bool:
        self.follow()
        return self.access.may_read(root, self.access.session(token) if token else None)


def scrawl(role: str, text: str) -> str:
    """The signature of a key that signs whatever it is given."""
    key = localnet.development_account(localnet.development_role(role))
    return "0x" + bytes(key.sign_message(encode_defunct(text=text)).signature).hex()


@pytest.fixture
def door(region: Region, desk: Desk, tmp_path: Path) -> Iterator[Door]:
    with Index.open(f"sqlite:///{tmp_path / 'index.sqlite'}", identity_of(region)) as index:
        made = Door(region, index, desk)
        made.follow()
        yield made


def test_a_signatory_signs_in_for_its_organisation(door: Door) -> None:
    found = door.signed("renswoude", door.message("renswoude"))
    session = door.access.session(found.token)
    assert (session.organisation, session.signatory) == ("gm0339", account("renswoude"))
    assert found.token not in repr(found)
    assert found.token not in repr(vars(door.access._sessions))
    door.access.sign_out(found.token)
    with pytest.raises(NotSignedInError, match="no such session"):
        door.access.session(found.token)


def test_one_who_signs_together_with_others_may_read_too(door: Door) -> None:
    assert door.access.session(door.enter("renswoude:2")).organisation == "gm0339"


@pytest.mark.parametrize("role", ["stranger", "renswoude:admin", "carrier"])
def test_a_key_without_a_mandate_is_nobody(door: Door, role: str) -> None:
    with pytest.raises(NotSignedInError, match="no mandate in force"):
        door.signed(role, door.message(role))


def test_a_message_and_its_nonce_are_good_once(door: Door) -> None:
    message = door.message("renswoude")
    door.signed("renswoude", message)
    with pytest.raises(NotSignedInError, match="used before"):
        door.signed("renswoude", message)
    again = message.replace(message[message.index("Issued At: ") :].splitlines()[0], "Issued At: 2026-01-01T00:00:00Z")
    with pytest.raises(NotSignedInError, match="used before"):
        door.signed("renswoude", again)


def test_of_two_who_bring_the_same_message_at_once_one_comes_in(door: Door) -> None:
    message = door.message("renswoude")
    signature = "0x" + door.region.signer("renswoude").sign_text(message).hex()
    results: list[str] = []
    gate = threading.Barrier(4)

    def enter() -> None:
        gate.wait()
        try:
            door.access.sign_in(message, signature)
            results.append("in")
        except NotSignedInError:
            results.append("out")

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(results) == ["in", "out", "out", "out"]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"url": "https://register.renswoude.nl"}, "another service"),
        ({"url": "http://register.veenendaal.nl"}, "another address of the service"),
        ({"url": "https://register.veenendaal.nl:8443"}, "another service"),
        ({"chain": 1}, "another chain"),
        ({"register": "0x" + 39 * "0" + "1"}, "another register"),
    ],
)
def test_a_message_for_elsewhere_is_worth_nothing_here(door: Door, changed: Any, complaint: str) -> None:
    message = door.message("renswoude", **changed)
    with pytest.raises(NotSignedInError, match=complaint):
        door.access.sign_in(message, scrawl("renswoude", message))


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda text: text + "\nRequest ID: 1", "no Sign-In|another than"),
        (lambda text: text.replace("costs nothing", "costs everything"), "another than"),
        (lambda text: text.replace("\n", "\r\n"), "no Sign-In"),
        (lambda text: text + "\n- https://evil.example", "another register"),
        (lambda text: text.replace("Issued At: 2", "Issued At: 1"), "another time|no Sign-In"),
        (lambda text: text.replace("Version: 1", "Version: 2"), "no Sign-In"),
        (lambda text: text.replace("wants you", "wants  you"), "no Sign-In"),
        (lambda text: "x" * 2000 + text, "no Sign-In"),
        (lambda text: "", "no Sign-In"),
        (lambda text: text.replace(account("renswoude"), account("renswoude").lower()), "no Sign-In|another than"),
        (lambda text: text.replace("Nonce: ", "Nonce: 0"), "nonce is not of this service"),
    ],
)
def test_no_other_text_is_taken(door: Door, spoil: Callable[[str], str], complaint: str) -> None:
    message = spoil(door.message("renswoude"))
    with pytest.raises(NotSignedInError, match=complaint):
        door.access.sign_in(message, scrawl("renswoude", message))


@pytest.mark.parametrize("signature", ["", "0x", "0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 64, "zz" * 66])
def test_a_signature_that_is_none_is_refused(door: Door, signature: str) -> None:
    with pytest.raises(NotSignedInError, match="signature"):
        door.access.sign_in(door.message("renswoude"), signature)


def test_nobody_signs_for_another(door: Door) -> None:
    message = door.message("renswoude")
    with pytest.raises(NotSignedInError, match="not of the address"):
        door.access.sign_in(message, "0x" + door.region.signer("ede").sign_text(message).hex())


def test_a_nonce_and_a_session_end_by_themselves(door: Door) -> None:
    message = door.message("renswoude")
    token = door.enter("ede")
    door.ahead = 301
    with pytest.raises(NotSignedInError, match="older than five minutes"):
        door.signed("renswoude", message)
    assert door.access.session(token).organisation == "gm0228"
    door.ahead = SECONDS + 1
    with pytest.raises(NotSignedInError, match="is over"):
        door.access.session(token)


def test_a_session_ends_with_the_mandate(door: Door) -> None:
    token = door.enter("renswoude")
    door.desk.service.dismiss("gm0339", account("renswoude"), door.region.signer("gm0339:admin"))
    assert door.access.session(token)
    door.follow()
    with pytest.raises(NotSignedInError, match="is over"):
        door.access.session(token)


def test_sessions_are_bounded() -> None:
    sessions = Sessions(most=64)
    tokens = [sessions.open("0xA", "gm0345", 100)[0] for _ in range(MOST_OF_A_SIGNATORY + 1)]
    assert [sessions.find(one, 100) is None for one in tokens] == [True] + [False] * MOST_OF_A_SIGNATORY
    for number in range(64):
        sessions.open(f"0x{number}", "gm0345", 100)
    assert len(sessions) == 64


def test_a_dossier_is_for_the_parties_of_its_act(door: Door) -> None:
    act = door.desk.concluded("gm0345", "gm0339")
    assert door.reads(door.enter("renswoude"), act.dossier)
    assert door.reads(door.enter("veenendaal"), act.dossier)
    assert not door.reads(door.enter("ede"), act.dossier)
    assert not door.reads(None, act.dossier)


def test_who_left_may_still_read_what_it_was_party_to_and_what_made_it_leave(door: Door) -> None:
    first = door.desk.concluded("gm0345", "gm0339", "gm0228", since=-60)
    second = door.desk.agree(
        door.desk.draft("gm0345", "gm0339", follows=first, since=-10), "gm0345", "gm0339", "gm0228"
    )
    third = door.desk.agree(door.desk.draft("gm0345", "gm0339", follows=second, since=-5), "gm0345", "gm0339")
    token = door.enter("ede")
    assert [door.reads(token, one.dossier) for one in (first, second, third)] == [True, True, False]


def test_a_public_dossier_is_for_everybody_once_the_chain_names_it(door: Door) -> None:
    draft = door.desk.draft("gm0345", "gm0339", extra={"visibility": "public"})
    assert not door.reads(None, draft.dossier)
    assert not door.reads(door.enter("ede"), draft.dossier)
    door.desk.service.propose(draft, door.region.signer("veenendaal"))
    assert door.reads(None, draft.dossier)


def test_a_title_cannot_open_a_dossier(door: Door) -> None:
    act = door.desk.concluded("gm0345", "gm0339", title='x", "visibility": "public"')
    assert not door.reads(None, act.dossier)


def _proposed(door: Door, by: str, *parties: str, **terms: Any) -> Act:
    act = door.desk.draft(*parties, **terms)
    door.desk.service.propose(act, door.region.signer(by))
    return act


def test_a_proposal_opens_its_dossier_to_who_is_to_be_bound_until_it_is_declined(door: Door) -> None:
    act = _proposed(door, "veenendaal", "gm0345", "gm0339")
    token = door.enter("renswoude")
    assert door.reads(token, act.dossier)
    assert not door.reads(door.enter("ede"), act.dossier)
    door.desk.service.decline(door.desk.view, act, door.region.signer("renswoude"))
    assert not door.reads(token, act.dossier)


def test_a_proposal_that_leaves_somebody_out_is_read_by_who_is_left_out(door: Door) -> None:
    first = door.desk.concluded("gm0345", "gm0339", "gm0228")
    act = _proposed(door, "veenendaal", "gm0345", "gm0339", follows=first)
    assert door.reads(door.enter("ede"), act.dossier)


def test_naming_a_strangers_dossier_in_an_act_of_ones_own_opens_nothing(door: Door) -> None:
    """The root stands on the chain: Ede writes acts around it, alone and with Barneveld, and stays outside."""
    secret = door.desk.concluded("gm0345", "gm0339")
    ede = door.region.signer("ede")
    now = door.region.now()

    def around(*parties: str, **more: Any) -> Act:
        return Act(secret.dossier, tuple(sorted(parties)), valid_from=now - DAY, **more)

    # An open proposal that would bind Veenendaal, with Ede; and one that copies the true parties and adds itself.
    for act in (around("gm0228", "gm0345"), around("gm0228", "gm0339", "gm0345")):
        door.region.register.propose(act, ede)
    # A whole agreement with an accomplice, recorded, around the same root.
    own = door.desk.agree(around("gm0203", "gm0228"), "gm0203", "gm0228")
    # And a proposal in that agreement which names the true parties instead of itself.
    following = around("gm0339", "gm0345", agreement=hash_act(own), previous=hash_act(own))
    door.region.register.propose(following, ede)
    for role in ("ede", "barneveld"):
        assert not door.reads(door.enter(role), secret.dossier)
    assert door.reads(door.enter("renswoude"), secret.dossier)


def test_a_service_of_nobody_shows_what_is_public_only(region: Region, desk: Desk, tmp_path: Path) -> None:
    with Index.open(f"sqlite:///{tmp_path / 'index.sqlite'}", identity_of(region)) as index:
        door = Door(region, index, desk, own=None)
        act = desk.concluded("gm0345", "gm0339")
        assert not door.reads(door.enter("renswoude"), act.dossier)


def test_looking_for_a_dossier_that_is_not_yours_touches_no_file_of_it(door: Door) -> None:
    """So that how long it takes cannot tell a dossier that is here from one that is not."""
    act = door.desk.concluded("gm0345", "gm0339")
    absent = door.desk.concluded("gm0345", "gm0339")
    import shutil

    shutil.rmtree(door.store.place(absent.dossier))
    session = door.access.session(door.enter("ede"))
    door.follow()
    opened: list[str] = []
    watching = [True]

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching[0] and event in ("open", "os.listdir", "os.scandir"):
            opened.append(str(arguments[0]))

    sys.addaudithook(watch)
    try:
        messages = []
        for root in (act.dossier, absent.dossier, b"\x01" * 32):
            with pytest.raises(NotFoundError) as caught:
                door.access.require_readable(root, session)
            messages.append(caught.value.message.replace(root.hex(), "ROOT"))
    finally:
        watching[0] = False
    assert len(set(messages)) == 1
    assert not [one for one in opened if str(door.store.folder) in one]
