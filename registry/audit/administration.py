"""Rules of organisations that run themselves: signatories, administrators, services (``IMandates``)."""

from __future__ import annotations

from registry.audit.calls import Call
from registry.audit.findings import Event, brief, name_of
from registry.audit.report import Check
from registry.audit.state import LONGEST_SERVICE, MOST_SIGNATORIES, NO_ADDRESS, Mandate, Member
from registry.audit.workbench import Bench, Rules


def _administered(bench: Bench, event: Event, call: Call | None) -> None:
    """Only the administrator of that moment does this."""
    organisation = event["organisation"]
    administrator = bench.state.member(organisation).administrator
    bench.findings.expect(
        Check.ADMINISTRATION,
        administrator != NO_ADDRESS,
        "no-administrator",
        f"{name_of(organisation)} neemt niet deel en heeft dus geen beheerder",
        event,
    )
    what = f"niet de beheerder van {name_of(organisation)} ({brief(administrator)}) stuurde de transactie"
    bench.sent_by(event, call, administrator, Check.ADMINISTRATION, what)


def appointed(bench: Bench, event: Event, call: Call | None) -> None:
    """SignatoryAppointed."""
    _administered(bench, event, call)
    state, expect = bench.state, bench.findings.expect
    organisation, signatory = event["organisation"], event["signatory"]
    valid_from, valid_until = event["validFrom"], event["validUntil"]
    expect(
        Check.ADMINISTRATION,
        (valid_until == 0 or max(valid_from, event.time) < valid_until)
        and event["together"] > 0
        and signatory != NO_ADDRESS,
        "invalid-mandate",
        "dit mandaat kan nooit gelden",
        event,
    )
    before = state.mandates.get(signatory)
    expect(
        Check.ADMINISTRATION,
        before is None or state.heir(before.organisation) == organisation,
        "mandated-elsewhere",
        lambda: (
            f"de sleutel hoort bij {name_of(before.organisation) if before else ''}, dat niet is opgevolgd door "
            + name_of(organisation)
        ),
        event,
    )
    if before is not None and before.organisation != organisation:
        state.listed.get(before.organisation, set()).discard(signatory)
    listed = state.listed.setdefault(organisation, set())
    listed.add(signatory)
    expect(
        Check.ADMINISTRATION,
        len(listed) <= MOST_SIGNATORIES,
        "too-many-signatories",
        f"{name_of(organisation)} heeft meer dan {MOST_SIGNATORIES} ondertekenaars",
        event,
    )
    expelled = state.member(organisation).expelled
    terms = (valid_from, valid_until, event["together"], event["decision"])
    state.mandates[signatory] = Mandate(organisation, *terms, expelled=expelled)


def dismissed(bench: Bench, event: Event, call: Call | None) -> None:
    """SignatoryDismissed."""
    _administered(bench, event, call)
    organisation, signatory = event["organisation"], event["signatory"]
    bench.findings.expect(
        Check.ADMINISTRATION,
        signatory in bench.state.listed.get(organisation, ()),
        "not-signatory",
        f"{brief(signatory)} was geen ondertekenaar van {name_of(organisation)}",
        event,
    )
    bench.state.dismiss(organisation, signatory)


def nominated(bench: Bench, event: Event, call: Call | None) -> None:
    """AdministratorNominated."""
    _administered(bench, event, call)
    bench.state.members.setdefault(event["organisation"], Member()).nominee = event["nominee"]


def announced(bench: Bench, event: Event, call: Call | None) -> None:
    """ServiceAnnounced."""
    _administered(bench, event, call)
    bench.findings.expect(
        Check.ADMINISTRATION,
        len(event["service"]) <= LONGEST_SERVICE,
        "service-too-long",
        f"het adres van de dienst is langer dan {LONGEST_SERVICE} bytes",
        event,
    )
    bench.state.members.setdefault(event["organisation"], Member()).service = event["service"]


def taken_over(bench: Bench, event: Event, call: Call | None) -> None:
    """AdministratorReplaced that no motion caused: the key that was put forward takes over itself."""
    organisation, administrator = event["organisation"], event["administrator"]
    nominee = bench.state.member(organisation).nominee
    bench.findings.expect(
        Check.ADMINISTRATION,
        nominee == administrator != NO_ADDRESS,
        "not-nominated",
        f"{brief(administrator)} was niet voorgedragen als beheerder van {name_of(organisation)}, en geen motie wijst "
        "deze sleutel aan",
        event,
    )
    what = f"niet {brief(administrator)} zelf stuurde de transactie die het beheer overneemt"
    bench.sent_by(event, call, administrator, Check.ADMINISTRATION, what)
    bench.state.replace_administrator(organisation, administrator)


RULES: Rules = {
    "SignatoryAppointed": appointed,
    "SignatoryDismissed": dismissed,
    "AdministratorNominated": nominated,
    "ServiceAnnounced": announced,
    "AdministratorReplaced": taken_over,
}
