"""The administrator's own task: handing it over in two steps, and saying where the service is."""

from __future__ import annotations

import pytest
from acts import organisation_id
from motions import NOBODY, recover, succeed
from recorded import events, plain
from refusals import reverts

SERVICE = "https://register.veenendaal.example"


def administrator(register, organisation):
    return plain(register.memberOf(organisation.id))[0]


def nominee(register, organisation):
    return plain(register.nomineeOf(organisation.id))


def test_hand_over_puts_a_key_forward_and_changes_nothing_else(register, veenendaal, spare):
    tx = veenendaal.hand_over(spare.address)

    assert events(tx) == [("AdministratorNominated", {"organisation": veenendaal.id, "nominee": spare.address})]
    assert nominee(register, veenendaal) == spare.address
    assert administrator(register, veenendaal) == veenendaal.administrator.address
    with reverts("NotAdministrator", veenendaal.id, spare.address):
        veenendaal.appoint(veenendaal.second, sender=spare)
    veenendaal.appoint(veenendaal.second)


def test_take_over_makes_the_nominee_administrator(register, veenendaal, spare):
    veenendaal.hand_over(spare.address)

    tx = veenendaal.take_over(spare)

    assert events(tx) == [("AdministratorReplaced", {"organisation": veenendaal.id, "administrator": spare.address})]
    assert plain(register.memberOf(veenendaal.id)) == (spare.address, True, False)
    assert nominee(register, veenendaal) == NOBODY


def test_take_over_ends_the_right_of_the_one_before(veenendaal, spare):
    veenendaal.hand_over(spare.address)
    veenendaal.take_over(spare)

    for action in (
        lambda: veenendaal.appoint(veenendaal.second),
        lambda: veenendaal.dismiss(veenendaal.first),
        lambda: veenendaal.hand_over(veenendaal.administrator.address),
        lambda: veenendaal.announce(SERVICE),
    ):
        with reverts("NotAdministrator", veenendaal.id, veenendaal.administrator.address):
            action()
    veenendaal.appoint(veenendaal.second, sender=spare)


def test_take_over_leaves_the_signatories_in_office(register, agree, draft, renswoude, veenendaal, spare):
    veenendaal.hand_over(spare.address)
    veenendaal.take_over(spare)
    act = draft(renswoude, veenendaal)

    agree(act, renswoude, veenendaal)

    assert plain(register.head(act.hash)) == act.hash


def test_take_over_happens_once(veenendaal, spare):
    veenendaal.hand_over(spare.address)
    veenendaal.take_over(spare)

    with reverts("NotNominated", veenendaal.id, spare.address):
        veenendaal.take_over(spare)


def test_take_over_is_for_the_nominee_alone(veenendaal, renswoude, stranger, spare):
    veenendaal.hand_over(spare.address)

    for sender in (stranger.account, veenendaal.administrator, veenendaal.first.account, renswoude.administrator):
        with reverts("NotNominated", veenendaal.id, sender.address):
            veenendaal.take_over(sender)


def test_a_nominee_of_one_organisation_takes_over_no_other(veenendaal, renswoude, spare):
    veenendaal.hand_over(spare.address)

    with reverts("NotNominated", renswoude.id, spare.address):
        renswoude.take_over(spare)


def test_a_key_may_administer_two_organisations(register, veenendaal, renswoude):
    veenendaal.hand_over(renswoude.administrator.address)
    veenendaal.take_over(renswoude.administrator)

    veenendaal.appoint(veenendaal.second, sender=renswoude.administrator)
    renswoude.appoint(renswoude.second)

    assert administrator(register, veenendaal) == administrator(register, renswoude)


def test_hand_over_is_for_the_administrator_alone(veenendaal, renswoude, stranger):
    for sender in (stranger.account, renswoude.administrator, veenendaal.first.account):
        with reverts("NotAdministrator", veenendaal.id, sender.address):
            veenendaal.hand_over(stranger.address, sender=sender)


def test_nobody_hands_over_an_organisation_that_does_not_take_part(register, veenendaal, spare):
    unknown = organisation_id("gm9998")

    with reverts("NotAdministrator", unknown, veenendaal.administrator.address):
        register.handOver(unknown, spare.address, {"from": veenendaal.administrator})
    with reverts("NotNominated", unknown, spare.address):
        register.takeOver(unknown, {"from": spare})


def test_a_later_nominee_replaces_an_earlier_one(register, veenendaal, spare, stranger):
    veenendaal.hand_over(spare.address)
    veenendaal.hand_over(stranger.address)

    with reverts("NotNominated", veenendaal.id, spare.address):
        veenendaal.take_over(spare)
    veenendaal.take_over(stranger.account)

    assert administrator(register, veenendaal) == stranger.address


def test_a_nomination_can_be_taken_back(register, veenendaal, spare):
    veenendaal.hand_over(spare.address)

    tx = veenendaal.hand_over(NOBODY)

    assert events(tx) == [("AdministratorNominated", {"organisation": veenendaal.id, "nominee": NOBODY})]
    assert nominee(register, veenendaal) == NOBODY
    with reverts("NotNominated", veenendaal.id, spare.address):
        veenendaal.take_over(spare)


def test_a_recovery_takes_the_nomination_back(register, carry, majority, veenendaal, spare, stranger):
    veenendaal.hand_over(spare.address)

    carry(recover(veenendaal, stranger), veenendaal, *majority)

    assert administrator(register, veenendaal) == stranger.address
    assert nominee(register, veenendaal) == NOBODY
    with reverts("NotNominated", veenendaal.id, spare.address):
        veenendaal.take_over(spare)


def test_a_succession_takes_the_nomination_back(register, carry, majority, renswoude, veenendaal, spare):
    renswoude.hand_over(spare.address)

    carry(succeed(renswoude, veenendaal), renswoude, *majority)

    assert nominee(register, renswoude) == NOBODY
    with reverts("NotNominated", renswoude.id, spare.address):
        renswoude.take_over(spare)


@pytest.mark.parametrize(
    "service",
    [SERVICE, "", "x" * 255, "ë" * 127 + "x", "no address at all\n\0"],
    ids=["an address", "nowhere", "255 bytes", "255 bytes, 128 characters", "anything"],
)
def test_announce_says_where_the_service_is(veenendaal, service):
    tx = veenendaal.announce(service)

    assert events(tx) == [("ServiceAnnounced", {"organisation": veenendaal.id, "service": service})]


@pytest.mark.parametrize("service", ["x" * 256, "ë" * 128], ids=["256 characters", "256 bytes, 128 characters"])
def test_announce_rejects_more_than_255_bytes(veenendaal, service):
    with reverts("ServiceTooLong", 256):
        veenendaal.announce(service)


def test_announce_is_for_the_administrator_alone(veenendaal, renswoude, stranger):
    for sender in (stranger.account, renswoude.administrator, veenendaal.first.account):
        with reverts("NotAdministrator", veenendaal.id, sender.address):
            veenendaal.announce(SERVICE, sender=sender)
