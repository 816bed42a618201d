"""Succession (herindeling): what is left of the organisation that is gone, and who answers for it."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from clock import DAY, START, YEAR
from motions import NOBODY, admit, expel, succeed
from recorded import events, plain
from refusals import reverts

GONE = START + DAY
AMENDED = digest_of("amended")


@pytest.fixture
def barneveld(region):
    return region["barneveld"]


@pytest.fixture
def succession(carry, majority, concluded, ede, renswoude):
    """Ede takes the place of Renswoude, which `concluded` binds to Veenendaal."""
    motion = succeed(renswoude, ede)
    with clock.at(GONE):
        carry(motion, *majority, renswoude)
    return motion


def period(register, signatory):
    _organisation, valid_from, valid_until, _together, place, _expelled = plain(register.mandateOf(signatory.address))
    assert place == 0
    return valid_from, valid_until


def test_a_succession_leaves_nothing_but_the_name_of_the_successor(register, carry, majority, ede, renswoude):
    motion = succeed(renswoude, ede)
    renswoude.appoint(renswoude.second)

    tx = carry(motion, *majority, renswoude)

    assert events(tx)[1:] == [
        ("MotionEnacted", {"motionHash": motion.hash, "organisation": renswoude.id}),
        ("MemberSucceeded", {"organisation": renswoude.id, "successor": ede.id}),
    ]
    assert plain(register.successorOf(renswoude.id)) == ede.id
    assert plain(register.memberOf(renswoude.id)) == (NOBODY, False, False)
    assert plain(register.signatoriesOf(renswoude.id)) == ()
    assert plain(register.signatoriesOf(ede.id)) == (ede.first.address,)
    assert register.voters() == 7


def test_a_guest_may_be_the_successor_and_may_be_succeeded(register, carry, majority, renswoude, utrecht, gelderland):
    carry(succeed(gelderland, utrecht), *majority, gelderland)
    assert register.voters() == 8
    carry(succeed(renswoude, utrecht), *majority, renswoude)
    assert register.voters() == 7

    assert plain(register.memberOf(utrecht.id)) == (utrecht.administrator.address, False, False)


def test_all_mandates_of_who_is_gone_have_ended(register, carry, majority, ede, renswoude, accounts):
    renswoude.appoint(renswoude.second, START + YEAR)
    ended, dismissed = accounts[36].address, accounts[37].address
    renswoude.appoint(ended, 0, START + 100)
    with clock.at(START + 50):
        renswoude.appoint(dismissed)
    with clock.at(START + 60):
        register.dismiss(renswoude.id, dismissed, ZERO, {"from": renswoude.administrator})

    with clock.at(GONE):
        carry(succeed(renswoude, ede), *majority, renswoude)

    assert period(register, renswoude.first) == (0, GONE)
    assert period(register, renswoude.second) == (START + YEAR, GONE)
    assert period(register, accounts[36]) == (0, START + 100)
    assert period(register, accounts[37]) == (0, START + 60)


def test_the_administrator_is_gone(succession, renswoude, spare):
    for action in (
        lambda: renswoude.appoint(renswoude.second),
        lambda: renswoude.dismiss(renswoude.first),
        lambda: renswoude.hand_over(spare.address),
        lambda: renswoude.announce(""),
    ):
        with reverts("NotAdministrator", renswoude.id, renswoude.administrator.address):
            action()


def test_old_signatures_and_approvals_count_no_more(record, carry, majority, concluded, ede, renswoude, veenendaal):
    act = concluded.then(dossier=AMENDED)
    renswoude.first.approve(act)
    with clock.at(GONE):
        carry(succeed(renswoude, ede), *majority, renswoude)

    for approval in (renswoude.first.sign(act), renswoude.first.on_chain):
        with reverts("MandateNotInForce", renswoude.first.address, 0, GONE):
            record(act, [concluded], [approval, veenendaal.first.sign(act)])
    with reverts("MandateNotInForce", renswoude.first.address, 0, GONE):
        renswoude.first.approve(act)


def test_who_is_gone_has_no_vote_and_its_successor_no_second(carry, decide, majority, succession, renswoude, newcomer):
    motion = admit(newcomer)
    with reverts("NotVoting", renswoude.id):
        decide(motion, [*majority, renswoude], [one.first.sign(motion) for one in majority])
    with reverts("NoMajority", 3, 7):
        carry(motion, *majority[:3])
    carry(motion, *majority[:4])


def test_an_old_key_stays_with_the_organisation_until_its_successor_appoints_it(
    register, succession, ede, renswoude, veenendaal
):
    with reverts("MandatedElsewhere", renswoude.first.address, renswoude.id):
        veenendaal.appoint(renswoude.first)

    ede.appoint(renswoude.first)

    assert plain(register.mandateOf(renswoude.first.address))[0].rstrip(b"\0") == b"gm0228"
    assert plain(register.signatoriesOf(ede.id)) == (ede.first.address, renswoude.first.address)
    with reverts("MandatedElsewhere", renswoude.first.address, ede.id):
        veenendaal.appoint(renswoude.first)


def test_an_old_key_does_not_go_to_an_organisation_that_might_succeed_later(renswoude, ede):
    with reverts("MandatedElsewhere", renswoude.first.address, renswoude.id):
        ede.appoint(renswoude.first)


def test_an_old_key_goes_to_the_last_of_the_successors(
    register, carry, majority, barneveld, succession, ede, renswoude
):
    carry(succeed(ede, barneveld), *majority)  # Ede is one of them

    with reverts("NotAdministrator", ede.id, ede.administrator.address):
        ede.appoint(renswoude.first)
    barneveld.appoint(renswoude.first)
    barneveld.appoint(ede.first)

    assert plain(register.signatoriesOf(barneveld.id)) == (
        barneveld.first.address,
        renswoude.first.address,
        ede.first.address,
    )


def test_an_old_key_that_is_appointed_anew_signs_for_the_successor(
    register, record, draft, concluded, succession, ede, renswoude, veenendaal
):
    ede.appoint(renswoude.first)
    amendment = concluded.then(dossier=AMENDED)
    record(amendment, [concluded], [renswoude.first.sign(amendment), veenendaal.first.sign(amendment)])
    new = draft(ede, veenendaal)
    record(new, [], [renswoude.first.sign(new), veenendaal.first.sign(new)])

    assert plain(register.head(concluded.hash)) == amendment.hash
    assert plain(register.head(new.hash)) == new.hash


def test_who_is_gone_enters_nothing_new(agree, record, draft, succession, ede, renswoude, veenendaal, utrecht):
    act = draft(renswoude, veenendaal, dossier=digest_of("new"))
    with reverts("EntersNothingNew", renswoude.id):
        record(act, [], [ede.first.sign(act), veenendaal.first.sign(act)])

    existing = draft(veenendaal, utrecht)
    agree(existing, veenendaal, utrecht)
    accession = existing.then(parties=(renswoude.id, veenendaal.id, utrecht.id))
    with reverts("EntersNothingNew", renswoude.id):
        record(accession, [existing], [one.first.sign(accession) for one in (ede, veenendaal, utrecht)])


def test_the_successor_concludes_under_its_own_name(register, agree, draft, succession, ede, veenendaal):
    act = draft(ede, veenendaal, dossier=digest_of("new"))

    agree(act, ede, veenendaal)

    assert plain(register.head(act.hash)) == act.hash


def test_a_successor_that_is_expelled_keeps_the_say_and_enters_nothing(
    register, record, carry, draft, majority, concluded, succession, ede, renswoude, veenendaal
):
    carry(expel(ede), *majority)
    new = draft(ede, veenendaal, dossier=digest_of("new"))
    with reverts("EntersNothingNew", ede.id):
        record(new, [], [ede.first.sign(new), veenendaal.first.sign(new)])
    inherited = draft(renswoude, veenendaal, dossier=digest_of("new"))
    with reverts("EntersNothingNew", renswoude.id):
        record(inherited, [], [ede.first.sign(inherited), veenendaal.first.sign(inherited)])

    act = concluded.then(dossier=AMENDED)
    record(act, [concluded], [ede.first.sign(act), veenendaal.first.sign(act)])

    assert plain(register.head(concluded.hash)) == act.hash


def test_an_expelled_organisation_can_be_succeeded_by_one_that_is_not(
    register, record, carry, draft, majority, concluded, ede, renswoude, veenendaal
):
    carry(expel(renswoude), *majority)
    carry(succeed(renswoude, ede), *majority, renswoude)
    ede.appoint(renswoude.first)

    assert plain(register.memberOf(ede.id)) == (ede.administrator.address, True, False)
    assert register.voters() == 7
    new = draft(ede, veenendaal)
    record(new, [], [renswoude.first.sign(new), veenendaal.first.sign(new)])
    assert plain(register.head(new.hash)) == new.hash
