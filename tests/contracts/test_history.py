"""The history that comes with a following act: linked to the head, as long as needed and no longer."""

from __future__ import annotations

import pytest
from acts import ZERO, digest_of
from clock import DAY, START
from recorded import plain
from refusals import reverts

AMENDED = digest_of("amended")
ONE = (1).to_bytes(32, "big")


@pytest.fixture
def accession(agree, concluded, renswoude, veenendaal, gelderland):
    """Gelderland joins, a hundred days from now."""
    three = tuple(organisation.id for organisation in (renswoude, veenendaal, gelderland))
    act = concluded.then(parties=three, valid_from=START + 100 * DAY)
    agree(act, renswoude, veenendaal, gelderland, history=[concluded])
    return act


def test_an_act_of_an_unknown_agreement_is_refused(agree, concluded, renswoude, veenendaal):
    unknown = digest_of("unknown")

    with reverts("WrongPredecessor", ZERO, concluded.hash):
        agree(concluded.then()._replace(agreement=unknown), renswoude, veenendaal, history=[concluded])
    with reverts("WrongPredecessor", ZERO, concluded.hash):
        agree(concluded.then()._replace(agreement=ZERO), renswoude, veenendaal, history=[concluded])


def test_an_act_follows_the_head(agree, concluded, renswoude, veenendaal):
    elsewhere = digest_of("elsewhere")

    with reverts("WrongPredecessor", concluded.hash, elsewhere):
        agree(concluded.then()._replace(previous=elsewhere), renswoude, veenendaal, history=[concluded])


def test_a_following_act_comes_with_history(agree, concluded, renswoude, veenendaal):
    with reverts("WrongPredecessor", concluded.hash, ZERO):
        agree(concluded.then(dossier=AMENDED), renswoude, veenendaal)


def test_the_history_begins_with_the_head(agree, draft, concluded, renswoude, veenendaal):
    another = draft(renswoude, veenendaal, dossier=digest_of("another agreement"))

    with reverts("WrongPredecessor", concluded.hash, another.hash):
        agree(concluded.then(dossier=AMENDED), renswoude, veenendaal, history=[another])


def test_the_history_links_up(agree, concluded, accession, renswoude, veenendaal, gelderland):
    act = accession.then(valid_from=START + DAY)
    forged = concluded._replace(parties=(renswoude.id,))

    with reverts("WrongPredecessor", concluded.hash, forged.hash):
        agree(act, renswoude, veenendaal, gelderland, history=[accession, forged])
    with reverts("WrongPredecessor", accession.hash, concluded.hash):
        agree(act, renswoude, veenendaal, gelderland, history=[concluded, accession])


def test_nothing_comes_before_the_concluding_act(agree, concluded, accession, renswoude, veenendaal, gelderland):
    act = accession.then(valid_from=START - DAY)

    with reverts("WrongPredecessor", ZERO, concluded.hash):
        agree(act, renswoude, veenendaal, gelderland, history=[accession, concluded, concluded])


def test_no_agreement_follows_a_declined_act(agree, draft, renswoude, veenendaal):
    declined = draft(renswoude, veenendaal)
    veenendaal.first.decline(declined)

    with reverts("WrongPredecessor", ONE, declined.hash):
        agree(declined.then(dossier=AMENDED), renswoude, veenendaal, history=[declined])
    with reverts("WrongPredecessor", ONE, declined.hash):
        act = declined.then(dossier=AMENDED)._replace(previous=ONE)
        agree(act, renswoude, veenendaal, history=[declined])


def test_an_act_before_a_pending_one_needs_everybody_of_both(
    register, agree, concluded, accession, renswoude, veenendaal, gelderland
):
    act = concluded.then(dossier=AMENDED, valid_from=START + DAY)._replace(previous=accession.hash)
    history = [accession, concluded]

    assert plain(register.requiredFor(act, history)) == (renswoude.id, veenendaal.id, gelderland.id)
    with reverts("ApprovalsMissing", gelderland.id, 0, 1):
        agree(act, renswoude, veenendaal, history=history)
    agree(act, renswoude, veenendaal, gelderland, history=history)

    assert plain(register.head(concluded.hash)) == act.hash


@pytest.mark.parametrize("before", [1, DAY, START + 100 * DAY])
def test_a_history_that_does_not_reach_the_act_in_force_is_too_short(
    agree, accession, renswoude, veenendaal, gelderland, before
):
    act = accession.then(dossier=AMENDED, valid_from=START + 100 * DAY - before)

    with reverts("HistoryTooShort", START + 100 * DAY):
        agree(act, renswoude, veenendaal, gelderland, history=[accession])


def test_a_history_reaches_the_act_that_takes_effect_in_the_same_second(
    register, agree, concluded, accession, renswoude, veenendaal, gelderland
):
    act = accession.then(dossier=AMENDED)

    with reverts("HistoryTooLong", START + 100 * DAY):
        agree(act, renswoude, veenendaal, gelderland, history=[accession, concluded])
    agree(act, renswoude, veenendaal, gelderland, history=[accession])

    assert plain(register.head(concluded.hash)) == act.hash


def test_a_retroactive_act_goes_back_to_the_concluding_act(register, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=AMENDED)
    agree(amendment, renswoude, veenendaal, history=[concluded])
    retroactive = amendment.then(valid_from=START - 1000 * DAY)

    with reverts("HistoryTooShort", START):
        agree(retroactive, renswoude, veenendaal, history=[amendment])
    agree(retroactive, renswoude, veenendaal, history=[amendment, concluded])

    assert plain(register.head(concluded.hash)) == retroactive.hash


def test_a_former_party_has_no_say(register, agree, draft, renswoude, veenendaal, gelderland):
    everybody = renswoude, veenendaal, gelderland
    act = draft(*everybody)
    agree(act, *everybody)
    without = act.then(parties=(renswoude.id, veenendaal.id), valid_from=START + DAY)
    agree(without, *everybody, history=[act])
    amendment = without.then(dossier=AMENDED, valid_from=START + 2 * DAY)

    with reverts("HistoryTooLong", START + DAY):
        gelderland.first.decline(amendment, without, act)
    with reverts("ApprovalNotRequired", gelderland.id, gelderland.first.address):
        gelderland.first.decline(amendment, without)
    with reverts("ApprovalNotRequired", gelderland.id, gelderland.first.address):
        agree(amendment, *everybody, history=[without])


def test_a_former_party_has_a_say_in_what_reaches_back_to_its_time(
    register, agree, draft, renswoude, veenendaal, gelderland
):
    everybody = renswoude, veenendaal, gelderland
    act = draft(*everybody)
    agree(act, *everybody)
    without = act.then(parties=(renswoude.id, veenendaal.id), valid_from=START + 2 * DAY)
    agree(without, *everybody, history=[act])
    retroactive = without.then(dossier=AMENDED, valid_from=START + DAY)

    required = plain(register.requiredFor(retroactive, [without, act]))
    assert required == tuple(organisation.id for organisation in everybody)
    with reverts("ApprovalsMissing", gelderland.id, 0, 1):
        agree(retroactive, renswoude, veenendaal, history=[without, act])


def test_required_for_refuses_what_record_refuses(register, concluded, accession):
    with reverts("HistoryTooShort", START + 100 * DAY):
        register.requiredFor(accession.then(valid_from=START), [accession])
    with reverts("WrongPredecessor", accession.hash, concluded.hash):
        register.requiredFor(concluded.then(dossier=AMENDED), [concluded])
    with reverts("AlreadyRecorded", accession.hash):
        register.requiredFor(accession, [concluded])
