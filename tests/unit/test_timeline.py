"""What held when, from events alone."""

from __future__ import annotations

import pytest
from ledgers import DAY, START, Story, after, concluding, digest_of, key_of

from registry import timeline
from registry.errors import NotFoundError, UsageError
from registry.fingerprint import fingerprint_of
from registry.model import NO_HASH, Act, Status, Verb
from registry.statements import hash_act
from registry.timeline import Agreement, Ledger

VEENENDAAL, RENSWOUDE, EDE, UTRECHT = "gm0345", "gm0339", "gm0228", "pv26"
BOTH = (RENSWOUDE, VEENENDAAL)


@pytest.fixture
def story() -> Story:
    told = Story().admit(EDE, RENSWOUDE, VEENENDAAL, UTRECHT)
    for one in (EDE, RENSWOUDE, VEENENDAAL, UTRECHT):
        told.appoint(one)
    return told


def recorded(story: Story, *acts: Act) -> Agreement:
    for act in acts:
        story.record(act, RENSWOUDE, VEENENDAAL)
    return story.agreement(acts[0])


def test_ledger_knows_members_and_the_latest_mandate_of_a_key(story: Story) -> None:
    assert story.ledger.members[VEENENDAAL].votes
    assert not story.ledger.members[UTRECHT].votes
    story.appoint(VEENENDAAL, together=2)
    story.appoint("gm0345:2", valid_until=START + DAY)
    mine = story.ledger.signatories_of(VEENENDAAL)
    assert [(one.signatory, one.together) for one in mine] == sorted([(key_of(VEENENDAAL), 2), (key_of("gm0345:2"), 1)])


def test_dismissal_ends_a_mandate_at_its_own_second(story: Story) -> None:
    story.dismiss(VEENENDAAL)
    mandate = story.ledger.mandates[key_of(VEENENDAAL)]
    assert mandate.in_force_at(story.now - 1)
    assert not mandate.in_force_at(story.now)


def test_recorded_act_keeps_the_mandates_of_its_time(story: Story) -> None:
    act = story.record(concluding(*BOTH), RENSWOUDE, VEENENDAAL)
    story.appoint(VEENENDAAL, together=3)
    story.dismiss(RENSWOUDE)
    kept = story.ledger.recorded(act.act_hash)
    assert kept is not None
    assert [(one.organisation, one.together, one.valid_until) for one in kept.mandates] == [
        (RENSWOUDE, 1, 0),
        (VEENENDAAL, 1, 0),
    ]
    assert kept.decisions == (NO_HASH, NO_HASH)


def test_cited_decisions_stand_beside_the_mandates(story: Story) -> None:
    cited = (digest_of("besluit"), NO_HASH)
    assert story.record(concluding(*BOTH), RENSWOUDE, VEENENDAAL, decisions=cited).decisions == cited


@pytest.mark.parametrize(
    ("parties", "verb"),
    [
        (BOTH, Verb.AMEND),
        ((EDE, *BOTH), Verb.ACCEDE),
        ((EDE, VEENENDAAL), Verb.AMEND),
        ((VEENENDAAL,), Verb.LEAVE),
        ((), Verb.END),
    ],
)
def test_verb_follows_from_the_parties(story: Story, parties: tuple[str, ...], verb: Verb) -> None:
    first = concluding(*BOTH)
    agreement = recorded(story, first, after(first, parties=parties))
    assert [one.verb for one in agreement.acts] == [Verb.CONCLUDE, verb]


def test_agreement_is_pending_until_it_begins(story: Story) -> None:
    agreement = recorded(story, concluding(*BOTH, since=START + DAY))
    assert agreement.status(START + DAY - 1) is Status.PENDING
    assert agreement.governing(START + DAY - 1) is None
    assert agreement.status(START + DAY) is Status.IN_FORCE


def test_agreement_expires_at_its_end_exactly(story: Story) -> None:
    agreement = recorded(story, concluding(*BOTH, valid_until=START + DAY))
    assert agreement.status(START + DAY - 1) is Status.IN_FORCE
    assert agreement.status(START + DAY) is Status.EXPIRED


def test_ended_agreement_held_until_the_end(story: Story) -> None:
    first = concluding(*BOTH)
    agreement = recorded(story, first, after(first, parties=(), valid_from=START + DAY))
    assert agreement.status(START + DAY - 1) is Status.IN_FORCE
    assert agreement.status(START + DAY) is Status.ENDED


def test_agreement_of_one_party_has_ended(story: Story) -> None:
    first = concluding(*BOTH, notice=DAY)
    agreement = recorded(story, first, after(first, parties=(VEENENDAAL,), valid_from=START + DAY))
    assert agreement.status(START + DAY) is Status.ENDED


def test_retroactive_act_governs_from_the_past(story: Story) -> None:
    first = concluding(*BOTH)
    earlier = after(first, valid_from=START - 10 * DAY, dossier="anders")
    agreement = recorded(story, first, earlier)
    assert agreement.governing(START - 10 * DAY - 1) is None
    for moment in (START - 10 * DAY, START, START + DAY):
        governing = agreement.governing(moment)
        assert governing is not None
        assert governing.act == earlier
    assert agreement.overruled_by(agreement.acts[0]) == agreement.acts[1]


def test_future_act_leaves_the_present_as_it_is(story: Story) -> None:
    first = concluding(*BOTH)
    later = after(first, valid_from=START + 10 * DAY, dossier="anders")
    agreement = recorded(story, first, later)
    governing = [agreement.governing(moment) for moment in (START, START + 10 * DAY - 1, START + 10 * DAY)]
    assert [one.act if one else None for one in governing] == [first, first, later]


def test_act_recorded_later_overrules_a_future_one_it_precedes(story: Story) -> None:
    first = concluding(*BOTH)
    future = after(first, valid_from=START + 10 * DAY, dossier="toekomst")
    sooner = after(future, valid_from=START + 5 * DAY, dossier="eerder")
    agreement = recorded(story, first, future, sooner)
    one, two, three = agreement.acts
    governing = agreement.governing(START + 20 * DAY)
    assert governing == three
    assert agreement.overruled_by(one) == three
    assert agreement.overruled_by(two) == three
    assert agreement.overruled_by(three) is None


def test_of_two_acts_that_begin_together_the_later_one_overrules(story: Story) -> None:
    first = concluding(*BOTH)
    second = after(first, valid_from=START + DAY, dossier="met een tikfout")
    third = after(second, valid_from=START + DAY, dossier="zonder tikfout")
    agreement = recorded(story, first, second, third)
    governing = agreement.governing(START + DAY)
    assert governing is not None
    assert governing.act == third
    assert agreement.overruled_by(agreement.acts[0]) == governing


def test_history_reaches_back_to_the_act_that_holds_then(story: Story) -> None:
    first = concluding(*BOTH)
    second = after(first, valid_from=START + 10 * DAY)
    third = after(second, valid_from=START + 20 * DAY)
    agreement = recorded(story, first, second, third)
    assert agreement.history_for(START + 30 * DAY) == (third,)
    assert agreement.history_for(START + 20 * DAY) == (third,)
    assert agreement.history_for(START + 20 * DAY - 1) == (third, second)
    assert agreement.history_for(START) == (third, second, first)
    assert agreement.history_for(START - 1) == (third, second, first)


def test_everybody_bound_before_or_after_must_approve() -> None:
    first = concluding(EDE, RENSWOUDE)
    assert timeline.required(first, (), START) == (EDE, RENSWOUDE)
    joined = after(first, parties=(EDE, RENSWOUDE, VEENENDAAL))
    assert timeline.required(joined, (first,), START) == (EDE, RENSWOUDE, VEENENDAAL)
    replaced = after(joined, parties=(UTRECHT, VEENENDAAL))
    assert timeline.required(replaced, (joined,), START) == (EDE, RENSWOUDE, VEENENDAAL, UTRECHT)
    assert timeline.required(after(joined, parties=()), (joined,), START) == (EDE, RENSWOUDE, VEENENDAAL)


def test_parties_of_acts_that_are_overruled_before_they_begin_have_a_say() -> None:
    first = concluding(EDE, RENSWOUDE)
    widened = after(first, parties=(EDE, RENSWOUDE, VEENENDAAL), valid_from=START + 10 * DAY)
    never_mind = after(widened, parties=(EDE, RENSWOUDE), valid_from=START + 5 * DAY)
    assert timeline.required(never_mind, (widened, first), START) == (EDE, RENSWOUDE, VEENENDAAL)


LEAVING = concluding(EDE, RENSWOUDE, VEENENDAAL, notice=30 * DAY)


def test_party_that_leaves_by_notice_needs_nobody_else() -> None:
    left = after(LEAVING, parties=(EDE, VEENENDAAL), valid_from=START + 30 * DAY)
    assert timeline.gives_notice(left, LEAVING, START)
    assert timeline.required(left, (LEAVING,), START) == (RENSWOUDE,)


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": START + 30 * DAY - 1},
        {"dossier": "anders"},
        {"notice": 0},
        {"valid_until": START + 90 * DAY},
        {"parties": (EDE,)},
        {"parties": (EDE, UTRECHT)},
        {"parties": (EDE, RENSWOUDE, VEENENDAAL)},
        {"parties": ()},
    ],
)
def test_anything_else_than_leaving_in_time_needs_all(changes: dict[str, object]) -> None:
    given = {"parties": (EDE, VEENENDAAL), "valid_from": START + 30 * DAY} | changes
    left = after(LEAVING, **given)
    assert not timeline.gives_notice(left, LEAVING, START)
    assert set(timeline.required(left, (LEAVING,), START)) >= set(LEAVING.parties)


def test_nobody_leaves_alone_without_notice_or_before_the_agreement_begins() -> None:
    without = concluding(EDE, RENSWOUDE, VEENENDAAL)
    assert not timeline.gives_notice(after(without, parties=(EDE, VEENENDAAL), valid_from=START + DAY), without, START)
    future = concluding(EDE, RENSWOUDE, VEENENDAAL, since=START + 90 * DAY, notice=30 * DAY)
    early = after(future, parties=(EDE, VEENENDAAL), valid_from=START + 40 * DAY)
    assert not timeline.gives_notice(early, future, START)


def test_proposal_stays_open_until_recorded_declined_or_overtaken(story: Story) -> None:
    def is_open(act: Act) -> bool:
        return hash_act(act) in {one.act_hash for one in story.ledger.open_proposals(story.now)}

    first, other = concluding(*BOTH), concluding(*BOTH, dossier="anders")
    story.propose(first, RENSWOUDE)
    story.propose(other, VEENENDAAL)
    assert is_open(first)
    assert is_open(other)
    story.decline(other, RENSWOUDE)
    assert not is_open(other)
    story.record(first, *BOTH)
    assert not is_open(first)
    one, two = after(first, dossier="een"), after(first, dossier="twee")
    story.propose(one, RENSWOUDE)
    story.propose(two, VEENENDAAL)
    assert is_open(one)
    assert is_open(two)
    story.record(one, *BOTH)
    assert not is_open(two)


def test_proposal_is_open_up_to_and_including_its_deadline(story: Story) -> None:
    act = concluding(*BOTH, deadline=START + DAY)
    story.propose(act, RENSWOUDE)
    assert story.ledger.open_proposals(START + DAY)
    assert not story.ledger.open_proposals(START + DAY + 1)


def test_proposal_that_follows_an_ended_or_unknown_agreement_is_not_open(story: Story) -> None:
    first = concluding(*BOTH)
    end = after(first, parties=())
    recorded(story, first, end)
    story.propose(after(end, parties=BOTH), RENSWOUDE)
    story.propose(after(concluding(*BOTH, dossier="nooit vastgelegd")), RENSWOUDE)
    assert story.ledger.open_proposals(story.now) == []


def test_proposal_collects_approvals_given_before_and_after_it(story: Story) -> None:
    act = concluding(*BOTH)
    story.approve(act, VEENENDAAL, digest_of("eerst"))
    story.propose(act, RENSWOUDE)
    story.approve(act, VEENENDAAL, digest_of("daarna"))
    (proposal,) = story.ledger.open_proposals(story.now)
    assert set(proposal.approved) == {key_of(VEENENDAAL), key_of(RENSWOUDE)}
    assert proposal.approved[key_of(VEENENDAAL)].decision == digest_of("daarna")
    assert proposal.proposed.signatory == key_of(RENSWOUDE)


def test_ledger_folds_the_fingerprint_of_its_events(story: Story) -> None:
    story.record(concluding(*BOTH), *BOTH)
    assert story.ledger.fingerprint == fingerprint_of(story.events)
    assert Ledger.of(story.events[:-1]).fingerprint != story.ledger.fingerprint
    assert Ledger.of(story.events, story.ledger.fingerprint) == story.ledger


def test_agreement_is_found_by_any_of_its_acts(story: Story) -> None:
    first = concluding(*BOTH)
    second = after(first, dossier="anders")
    agreement = recorded(story, first, second)
    assert story.agreement(second) == agreement
    assert agreement.id == hash_act(first)
    assert agreement.head.act == second
    with pytest.raises(NotFoundError):
        story.ledger.agreement_of(digest_of("iets anders"))


# Successors


def on_behalf(story: Story, act: Act, *roles: str) -> list[str]:
    """For whom each of these approvals counted, in order."""
    return list(story.record(act, *roles).on_behalf)


def test_successor_changes_nothing_about_who_must_approve(story: Story) -> None:
    first = concluding(RENSWOUDE, VEENENDAAL)
    story.record(first, RENSWOUDE, VEENENDAAL)
    story.succeed(RENSWOUDE, EDE)
    second = after(first, dossier="anders")
    assert timeline.required(second, (first,), story.now) == BOTH
    replaced = after(first, parties=(EDE, VEENENDAAL))
    assert timeline.required(replaced, (first,), story.now) == (EDE, RENSWOUDE, VEENENDAAL)


def test_successor_signs_in_the_stead_of_the_organisation_that_is_gone(story: Story) -> None:
    first = concluding(EDE, RENSWOUDE, VEENENDAAL)
    assert on_behalf(story, first, EDE, RENSWOUDE, VEENENDAAL) == [EDE, RENSWOUDE, VEENENDAAL]
    story.succeed(RENSWOUDE, VEENENDAAL)
    second = after(first, dossier="anders")
    assert on_behalf(story, second, EDE, VEENENDAAL, VEENENDAAL) == [EDE, RENSWOUDE, VEENENDAAL]
    kept = story.ledger.recorded(hash_act(second))
    assert kept is not None
    assert [one.organisation for one in kept.mandates] == [EDE, VEENENDAAL, VEENENDAAL]


def test_successor_that_signs_with_four_eyes_does_so_in_each_of_its_turns(story: Story) -> None:
    for role in (VEENENDAAL, "gm0345:2"):
        story.appoint(role, together=2)
    first = concluding(EDE, RENSWOUDE, VEENENDAAL)
    two = (VEENENDAAL, "gm0345:2")
    assert on_behalf(story, first, EDE, RENSWOUDE, *two) == [EDE, RENSWOUDE, VEENENDAAL, VEENENDAAL]
    story.succeed(EDE, VEENENDAAL)
    story.succeed(RENSWOUDE, VEENENDAAL)
    end = after(first, parties=())
    assert on_behalf(story, end, *two, *two, *two) == [EDE, EDE, RENSWOUDE, RENSWOUDE, VEENENDAAL, VEENENDAAL]


@pytest.mark.parametrize("together", [(3, 2), (2, 3), (2, 2)])
def test_fewest_that_one_of_them_asks_for_fill_a_turn(story: Story, together: tuple[int, int]) -> None:
    for role, number in zip((RENSWOUDE, "gm0339:2"), together, strict=True):
        story.appoint(role, together=number)
    act = concluding(EDE, RENSWOUDE, VEENENDAAL)
    assert on_behalf(story, act, EDE, RENSWOUDE, "gm0339:2", VEENENDAAL) == [EDE, RENSWOUDE, RENSWOUDE, VEENENDAAL]


def test_successor_leaves_by_notice_for_the_organisation_that_is_gone(story: Story) -> None:
    story.record(LEAVING, EDE, RENSWOUDE, VEENENDAAL)
    story.succeed(RENSWOUDE, VEENENDAAL)
    left = after(LEAVING, parties=(EDE, VEENENDAAL), valid_from=story.now + 31 * DAY)
    assert on_behalf(story, left, VEENENDAAL) == [RENSWOUDE]
    assert story.agreement(left).head.verb is Verb.LEAVE


def test_act_before_the_succession_stays_with_who_signed_it(story: Story) -> None:
    first = concluding(RENSWOUDE, VEENENDAAL)
    before = story.record(first, RENSWOUDE, VEENENDAAL)
    story.succeed(RENSWOUDE, VEENENDAAL)
    assert story.ledger.recorded(hash_act(first)) == before
    assert [one.valid_until for one in before.mandates] == [0, 0]


ITEMS = {bytes.fromhex("abcd" + "00" * 30): 1, bytes.fromhex("abce" + "00" * 30): 2}


@pytest.mark.parametrize("text", ["0xabcd", "abcd", "0XABCD", "ABCD", "0xabcd" + "00" * 30])
def test_prefix_finds_the_one_hash(text: str) -> None:
    assert timeline.by_prefix(ITEMS, text, "an act")[1] == 1


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("0xab", UsageError, "0xab is the beginning of 2 hashes"),
        ("0xff", NotFoundError, "0xff is the hash of no act here"),
        ("hello", UsageError, "'hello' is not the hash of an act"),
        ("", UsageError, "is not the hash"),
        ("0x", UsageError, "is not the hash"),
        ("0x" + "a" * 65, UsageError, "is not the hash"),
        ("０xab", UsageError, "is not the hash"),
    ],
)
def test_prefix_that_names_none_or_more_is_refused(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        timeline.by_prefix(ITEMS, text, "an act")
