"""Reports and confirmations that are refused."""

from __future__ import annotations

from acts import ZERO
from reference_types import hash_of
from reports import Report, commitment_id
from stateful_cast import on_chain
from stateful_commitments import confirming, reporting
from stateful_spoiling import (
    aims_at,
    good_report,
    refused,
    standing_reports,
)
from stateful_story import Story
from stateful_world import World


@aims_at("UnknownProgress")
def unknown_progress(world: World) -> Story:
    report = good_report(world)
    step = reporting(world, report._replace(progress=world.pick(["", "Started", "done", "x" * 70]))) if report else None
    if step:
        yield refused("report", step.arguments, step.sender)


@aims_at("NotParty")
def who_is_no_party(world: World) -> Story:
    agreement = world.pick(sorted(world.model.acts))
    if agreement is None:
        return
    parties = world.model.parties_at(agreement, world.now)
    organisation = world.pick([one for one in world.able() if one not in parties])
    standing = list(world.model.reports.values())
    if organisation is None:
        return
    step = reporting(world, Report(agreement, commitment_id(agreement, "T1"), organisation))
    report = world.pick(standing)
    if report and world.maybe(0.5):
        bound = world.model.parties_at(report.agreement, world.now)
        organisation = world.pick([one for one in world.able() if one not in bound])
        step = confirming(world, report, organisation) if organisation else None
    if step:
        yield refused(step.function, step.arguments, step.sender)


@aims_at("WrongReport")
def report_out_of_turn(world: World) -> Story:
    report = good_report(world)
    if report is None:
        return
    wrong = world.pick([world.digest(), ZERO])
    step = reporting(world, report._replace(previous=wrong, evidence=world.digest()))
    if report.previous != ZERO and world.maybe(0.4):
        other = world.pick([one for one in world.able() if one != report.organisation])
        step = confirming(world, report, other) if other else None
    if step:
        yield refused(step.function, step.arguments, step.sender)


@aims_at("WrongReport", "AlreadyConfirmed")
def replay_a_statement(world: World) -> Story:
    old = world.pick([step for step in world.used if step.function in ("report", "confirm")])
    if old:
        yield refused(old.function, old.arguments, old.sender, f"replay: {old.function}", misuse="replayed")


@aims_at("OwnReport")
def confirm_ones_own(world: World) -> Story:
    report = world.pick(standing_reports(world))
    if report is None:
        return
    parties = world.model.parties_at(report.agreement, world.now)
    own = [one for one in parties if world.model.heir(one) == world.model.heir(report.organisation)]
    step = confirming(world, report, world.pick(own)) if own else None
    if step:
        yield refused("confirm", step.arguments, step.sender, misuse="its own report")


@aims_at("AlreadyConfirmed")
def confirm_twice(world: World) -> Story:
    latest = {hash_of(report): report for report in standing_reports(world)}
    twice = [(report, organisation) for report, organisation in world.model.confirmed if report in latest]
    pair = world.pick(sorted(twice))
    step = confirming(world, latest[pair[0]], pair[1]) if pair else None
    if step:
        yield refused("confirm", step.arguments, step.sender)


@aims_at("NoMandate", "NotSignatory", "InvalidSignature", "MandateNotInForce")
def confirmation_misused(world: World) -> Story:
    report = world.pick(standing_reports(world))
    if report is None:
        return
    parties = world.model.parties_at(report.agreement, world.now)
    organisation = world.pick([one for one in parties if one != report.organisation and world.key_of(one)])
    outsider = world.pick([one for one in world.able() if organisation and world.model.heir(organisation) != one])
    if organisation is None or outsider is None:
        return
    key, other_key = world.key_of(organisation), world.key_of(outsider)
    asleep = [one for one in world.model.mandates if world.model.signs_for(one) is None and world.cast.can_sign(one)]
    if key is None or other_key is None:
        return
    sleeper = world.pick(asleep) or key
    chain_id = 0 if sleeper != key else 1
    misuse, signature = world.pick(
        [
            ("another chain", world.signed(key, "Confirmation", report, organisation, chain_id=1)),
            ("a report as a confirmation", world.signed(key, "Report", report)),
            ("a confirmation by another", world.signed(key, "Confirmation", report, outsider)),
            ("a key of another", world.signed(other_key, "Confirmation", report, organisation)),
            ("a mandate that is over", world.signed(sleeper, "Confirmation", report, organisation, chain_id=chain_id)),
            ("the address of somebody else", on_chain(world.cast.stranger)),
        ]
    )
    arguments = (report, organisation, world.history_now(report.agreement), signature)
    yield refused("confirm", arguments, world.cast.carrier, misuse=misuse)


@aims_at("OwnReport", "OwnReport")
def confirm_ones_own_under_another_name(world: World) -> Story:
    """One that took the place of another party, or of two, reports as the one and confirms as the other."""
    for agreement in world.some(world.in_force(), 20):
        parties = world.model.parties_at(agreement, world.now)
        heirs = [world.model.heir(party) for party in parties]
        same = [party for party, heir in zip(parties, heirs, strict=True) if heirs.count(heir) > 1]
        if not same:
            continue
        party = world.pick(same)
        other = world.pick([one for one in same if one != party and world.model.heir(one) == world.model.heir(party)])
        subject = commitment_id(agreement, "T1")
        report = Report(agreement, subject, party, world.model.latest_report(agreement, subject, party))
        first = reporting(world, report)
        if first is None or other is None or not (yield first).accepted:
            return
        step = confirming(world, report, other)
        if step:
            yield refused("confirm", step.arguments, step.sender, misuse="its own report under another name")
        return
