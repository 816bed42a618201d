"""The tests' own ruler: reverts() lets neither another error nor another value pass."""

from __future__ import annotations

import pytest
from acts import Act, digest_of
from refusals import reverts


def test_reverts_wants_the_error(veenendaal, stranger):
    with pytest.raises(AssertionError, match="NoMandate"), reverts("NotApproved", stranger.address):
        veenendaal.register.approve(digest_of("act"), bytes(32), {"from": stranger.account})


def test_reverts_wants_the_values(register, veenendaal, stranger):
    with pytest.raises(AssertionError), reverts("NoMandate", veenendaal.first.address):
        register.approve(digest_of("act"), bytes(32), {"from": stranger.account})
    with pytest.raises(AssertionError), reverts("WrongPredecessor", bytes(32), digest_of("x")):
        register.isInForce(digest_of("act"), [], 0)


def test_reverts_wants_a_revert(veenendaal):
    with pytest.raises(pytest.fail.Exception), reverts("NoMandate", veenendaal.first.address):
        veenendaal.first.approve(Act())
