"""The founding: who takes part from the first block on."""

from __future__ import annotations

import brownie
import pytest
from actors import MUNICIPALITIES, PROVINCES, founders
from acts import organisation_id
from motions import NOBODY
from recorded import events, plain
from refusals import reverts


def test_founding_admits_the_founders_in_ascending_order(carrier, accounts):
    ten = founders(accounts)

    deployed = carrier.deploy(brownie.Register, ten)

    assert events(deployed.tx) == [
        ("MemberAdmitted", {"organisation": organisation, "administrator": administrator, "votes": votes})
        for organisation, administrator, votes in ten
    ]


def test_founding_gives_municipalities_a_vote_and_provinces_none(register, region):
    for name in MUNICIPALITIES:
        organisation = region[name]
        assert plain(register.memberOf(organisation.id)) == (organisation.administrator.address, True, False)
    for name in PROVINCES:
        organisation = region[name]
        assert plain(register.memberOf(organisation.id)) == (organisation.administrator.address, False, False)


def test_an_organisation_that_was_not_admitted_is_unknown(register):
    assert plain(register.memberOf(organisation_id("gm9999"))) == (NOBODY, False, False)


@pytest.mark.parametrize(
    ("codes", "offender"),
    [
        (["gm0345", "gm0339"], "gm0339"),
        (["gm0339", "gm0339"], "gm0339"),
        ([""], ""),
        (["gm0203", "gm0345", "gm0344"], "gm0344"),
    ],
    ids=["descending", "twice", "zero", "the third"],
)
def test_founding_rejects_organisations_out_of_order(carrier, accounts, codes, offender):
    listed = [(organisation_id(code), accounts[1].address, True) for code in codes]

    with reverts("OrganisationsNotAscending", organisation_id(offender)):
        carrier.deploy(brownie.Register, listed)


def test_founding_rejects_an_identifier_of_seventeen_characters(carrier, accounts):
    long = organisation_id("gm0345-and-more-x")

    with reverts("InvalidIdentifier", long):
        carrier.deploy(brownie.Register, [(long, accounts[1].address, True)])


def test_founding_takes_an_identifier_of_sixteen_characters(carrier, accounts):
    full = organisation_id("gm0345-and-more-")

    deployed = carrier.deploy(brownie.Register, [(full, accounts[1].address, True)])

    assert plain(deployed.memberOf(full)) == (accounts[1].address, True, False)


def test_founding_rejects_an_organisation_without_administrator(carrier, veenendaal):
    with reverts("NoAdministrator", veenendaal.id):
        carrier.deploy(brownie.Register, [(veenendaal.id, NOBODY, True)])


@pytest.mark.parametrize("guests", [0, 1, 2])
def test_founding_rejects_a_council_in_which_nobody_votes(carrier, accounts, guests):
    listed = [(organisation_id(code), accounts[1].address, False) for code in ["pv25", "pv26"][:guests]]

    with reverts("NoVoters"):
        carrier.deploy(brownie.Register, listed)


def test_founding_counts_who_votes(register, carrier, accounts):
    assert register.voters() == len(MUNICIPALITIES)
    one = carrier.deploy(brownie.Register, [(organisation_id("gm0345"), accounts[1].address, True)])
    assert one.voters() == 1
