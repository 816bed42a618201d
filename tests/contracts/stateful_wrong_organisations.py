"""What is refused to administrators, and to whoever founds a register badly."""

from __future__ import annotations

from acts import ZERO, organisation_id
from motions import DAY, NOBODY
from reference_types import Founder
from stateful_commitments import reporting
from stateful_organisations import appointment
from stateful_spoiling import (
    aims_at,
    good_report,
    refused,
)
from stateful_story import Story
from stateful_world import FOUND, Step, World


@aims_at("NotAdministrator")
def by_another_administrator(world: World) -> Story:
    organisation = world.pick([*world.members(), *world.gone(), organisation_id("gm9999")])
    own = world.administrator(organisation)
    others = [one for one in world.cast.unlocked if one != own]
    sender = world.pick(others) if world.maybe(0.6) else world.cast.stranger
    signatory = world.pick(sorted(world.model.signatories_of(organisation))) or world.cast.stranger
    function, arguments = world.pick(
        [
            ("appoint", (organisation, sender, 0, 0, 1, ZERO)),
            ("dismiss", (organisation, signatory, ZERO)),
            ("handOver", (organisation, sender)),
            ("announce", (organisation, "https://elsewhere.example")),
        ]
    )
    yield refused(function, arguments, sender)


@aims_at("InvalidMandate")
def mandate_that_never_counts(world: World) -> Story:
    step = appointment(world, world.pick(world.members()), world.cast.new_key())
    organisation, signatory, begins, ends, together, decision = step.arguments
    now = world.now
    changes = [
        (organisation, signatory, now + DAY, now + DAY, together, decision),
        (organisation, signatory, now + 2 * DAY, now + DAY, together, decision),
        (organisation, signatory, 0, now, together, decision),
        (organisation, signatory, begins, ends, 0, decision),
        (organisation, NOBODY, begins, ends, together, decision),
    ]
    yield refused("appoint", world.pick(changes), step.sender)


@aims_at("MandatedElsewhere")
def key_of_another_organisation(world: World) -> Story:
    organisation = world.pick(world.members())
    others = [key for key, it in world.model.mandates.items() if world.model.heir(it.organisation) != organisation]
    if others:
        arguments = (organisation, world.pick(others), 0, 0, 1, ZERO)
        yield refused("appoint", arguments, world.administrator(organisation))


@aims_at("TooManySignatories")
def a_crowd(world: World) -> Story:
    """Sixty-four signatories, and one more; then most of them go again."""
    organisation = world.pick(world.members())
    crowd: list[str] = []
    while len(world.model.signatories_of(organisation)) < 64:
        if organisation not in world.model.members or len(crowd) > 70:
            return
        crowd.append(world.cast.new_key())
        yield appointment(world, organisation, crowd[-1])
    arguments = (organisation, world.cast.new_key(), 0, 0, 1, ZERO)
    yield refused("appoint", arguments, world.administrator(organisation))
    for signatory in world.some(crowd, 20):
        yield Step("dismiss", (organisation, signatory, ZERO), world.administrator(organisation), "dismiss")


@aims_at("NotSignatory")
def dismiss_who_is_none(world: World) -> Story:
    organisation = world.pick(world.members())
    others = [key for key in world.model.mandates if key not in world.model.signatories_of(organisation)]
    signatory = world.pick(others) if others and world.maybe(0.7) else world.cast.stranger
    yield refused("dismiss", (organisation, signatory, ZERO), world.administrator(organisation))


@aims_at("NotSignatory")
def report_for_another(world: World) -> Story:
    report = good_report(world)
    step = reporting(world, report) if report else None
    others = [one for one in world.able() if report and world.model.heir(report.organisation) != one]
    key = world.key_of(world.pick(others)) if others else None
    if step and key:
        signature = world.signed(key, "Report", report)
        yield refused("report", (*step.arguments[:2], signature), world.anyone(), misuse="for another organisation")


@aims_at("NotNominated")
def take_over_unasked(world: World) -> Story:
    organisation = world.pick([*world.members(), *world.gone()])
    yield refused("takeOver", (organisation,), world.pick(world.cast.unlocked))


@aims_at("ServiceTooLong")
def service_too_long(world: World) -> Story:
    organisation = world.pick(world.members())
    service = world.pick(["x" * 256, "é" * 128, "https://" + "x" * 300])
    yield refused("announce", (organisation, service), world.administrator(organisation))


@aims_at("InvalidIdentifier", "NoAdministrator", "OrganisationsNotAscending", "NoVoters")
def found_badly(world: World) -> Story:
    founders = world.cast.founders(lambda code: code.startswith("gm"))
    place = world.random.randrange(len(founders))
    one = founders[place]
    spoiled_ones = [
        [*founders[:place], Founder(one.organisation[:16] + b"\1" + bytes(15), *one[1:]), *founders[place + 1 :]],
        [Founder(ZERO, *one[1:]), *founders],
        [*founders[:place], one._replace(administrator=NOBODY), *founders[place + 1 :]],
        [*founders[: place + 1], one, *founders[place + 1 :]],
        founders[::-1],
        [each._replace(votes=False) for each in founders],
        [],
    ]
    yield refused(FOUND, (tuple(world.pick(spoiled_ones)),), world.cast.carrier)
