"""Writing through the API: what is signed is handed in without an account, and its resource says how far it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from outboxes import a_record, a_report, an_act, by_hand, decline_first, times_on_chain
from services import Served, served, settings_of
from world import DAY, Region, account, as_it_was

from registry import localnet
from registry.carried import act_to_json, motion_to_json
from registry.model import Act, Action, Motion, Report
from registry.statements import hash_act, hash_motion

ZERO = "0x" + 64 * "0"


@pytest.fixture
def service(region: Region, tmp_path: Path) -> Iterator[Served]:
    with served(settings_of(region, tmp_path / "home", carrier_key="dev:carrier")) as found:
        yield found


def post(service: Served, path: str, body: Any) -> httpx.Response:
    return service.client.post(f"{service.url}/v1{path}", json=body)


def handed_in(service: Served, path: str, body: Any) -> Any:
    """Hands something in and waits until it stands on the chain; its resource."""
    answer = post(service, path, body)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert answer.headers["location"] == f"/v1/submissions/{told['id']}"
    end = time.monotonic() + 20
    while told["state"] not in ("mined", "final"):
        assert time.monotonic() < end, told
        found = service.client.get(service.url + answer.headers["location"])
        assert found.status_code == 200, found.text
        told = found.json()
        time.sleep(0.02)
    return told


def signed(service: Served, what: str, body: Any, role: str) -> dict[str, Any]:
    """Has the service say what to sign, and a wallet sign just that."""
    answer = post(service, f"/typed-data/{what}", body)
    assert answer.status_code == 200, answer.text
    wallet = Account.from_key(localnet.development_account(localnet.development_role(role)).key)
    signature = "0x" + bytes(wallet.sign_typed_data(full_message=answer.json()).signature).hex()
    return {"signatory": wallet.address, "signature": signature}


def approving(service: Served, act: Act, role: str) -> dict[str, Any]:
    return signed(service, "approvals", {"act": act_to_json(act)}, role)


def report_to_json(report: Report) -> dict[str, Any]:
    return {
        "agreement": "0x" + report.agreement.hex(),
        "commitment": "0x" + report.commitment.hex(),
        "organisation": report.organisation,
        "progress": report.stage.value,
        "evidence": "0x" + report.evidence.hex(),
        "previous": "0x" + report.previous.hex(),
    }


def test_life_of_an_act_with_a_wallet_and_no_account(region: Region, service: Served) -> None:
    act = an_act(region)
    told = act_to_json(act)
    path = f"/proposals/0x{hash_act(act).hex()}/approvals"
    proposed = handed_in(service, "/proposals", {"act": told, "approval": approving(service, act, "gm0345")})
    assert (proposed["kind"], proposed["carriedBy"], proposed["signatories"]) == ("proposal", "us", [account("gm0345")])
    offer = service.ask(f"/proposals/0x{hash_act(act).hex()}")
    assert [one["id"] for one in offer["missing"]] == ["gm0203"]
    handed_in(service, path, approving(service, act, "gm0203"))
    recorded = handed_in(service, "/records", {"act": told, "approvals": []})
    found = service.ask(f"/acts/0x{hash_act(act).hex()}")
    assert recorded["transaction"] in str(found)
    report = a_report(region, act, "gm0345").report
    body: dict[str, Any] = {"report": report_to_json(report)}
    handed_in(service, "/reports", {**body, **signed(service, "reports", body, "gm0345")})
    body["organisation"] = "gm0203"
    handed_in(service, "/confirmations", {**body, **signed(service, "confirmations", body, "gm0203")})


def test_life_of_a_motion(region: Region, service: Served) -> None:
    motion = Motion(Action.RECOVER, "gm0203", region.now() + 60 * DAY, administrator=account("stranger"))
    body = {"motion": motion_to_json(motion)}
    voters = ("gm0228", "gm0267", "gm0279", "gm0289", "gm0339")
    votes = [signed(service, "votes", body, one) for one in voters]
    handed_in(service, "/motions", {**body, "approval": votes[0]})
    handed_in(service, f"/motions/0x{hash_motion(motion).hex()}/votes", votes[1])
    handed_in(service, "/decisions", {**body, "approvals": votes[2:]})
    early = post(service, "/enactments", body)
    assert (early.status_code, early.json()["contractError"]) == (409, "VetoPeriod")
    region.travel(15 * DAY)
    assert handed_in(service, "/enactments", body)["subject"] == "0x" + hash_motion(motion).hex()


def test_the_same_again_names_the_same_resource(region: Region, service: Served) -> None:
    act = an_act(region)
    body = {"act": act_to_json(act), "approvals": [approving(service, act, one) for one in act.parties]}
    first = handed_in(service, "/records", body)
    again = post(service, "/records", body)
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    assert times_on_chain(region, a_record(region, act)) == 1


def test_refusals_are_problems_with_their_reason(region: Region, service: Served) -> None:
    act = an_act(region)
    told, approval = act_to_json(act), approving(service, act, "gm0345")
    for status, kind, path, body in (
        (409, "refused", "/proposals", {"act": told, "approval": {**approval, "signatory": account("gm0203")}}),
        (409, "refused", "/records", {"act": told, "approvals": [approval]}),
        (409, "contract", "/records", {"act": {**told, "dossier": ZERO}, "approvals": []}),
        (400, "invalid-input", "/records", {"act": {**told, "notice": 1 << 40}, "approvals": []}),
        (400, "invalid-input", "/records", {"act": {**told, "deadline": False}, "approvals": []}),
        (400, "usage", "/records", {"act": told, "approvals": [approval, approval]}),
        (400, "invalid-input", "/records", {"act": told}),
        (400, "invalid-input", "/proposals", {"act": told, "approval": {**approval, "signature": "0x1"}}),
        (400, "invalid-input", "/typed-data/votes", {"motion": {"action": "annex"}}),
        (400, "invalid-input", "/proposals/0x12/approvals", approval),
    ):
        answer = post(service, path, body)
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:foodvalley:problem:{kind}"), answer.text
    missing = post(service, "/records", {"act": told, "approvals": [approval]}).json()
    assert "Barneveld" in missing["detail"]
    unknown = service.client.get(f"{service.url}/v1/submissions/{ZERO}")
    assert unknown.status_code == 404
    assert sum(service.context.outbox.counts().values()) == 0


def test_answer_of_a_refusal_that_came_later(region: Region, service: Served) -> None:
    act = an_act(region)
    body = {"act": act_to_json(act), "approvals": [approving(service, act, one) for one in act.parties]}
    with by_hand(region) as mine:
        sent = post(service, "/records", body).json()
        wait_for(service, sent["id"], "sent")
        decline_first(region, act)
        mine()
        found = wait_for(service, sent["id"], "refused")
    assert found["refusal"]["contractError"] == "ActDeclined"
    assert found["transaction"] is None
    assert found["carriedBy"] is None


def test_queue_that_is_full_says_when_to_come_back(anvil_region: Region, tmp_path: Path) -> None:
    small = {"carrier_key": "dev:carrier", "queue": 2, "confirmations": 1}
    with (
        as_it_was(anvil_region) as region,
        served(settings_of(region, tmp_path / "home", **small)) as service,
        by_hand(region) as mine,
    ):
        acts = [an_act(region) for _ in range(3)]
        bodies = [{"act": act_to_json(one), "approval": approving(service, one, "gm0345")} for one in acts]
        for body in bodies[:2]:
            assert post(service, "/proposals", body).status_code == 202
        full = post(service, "/proposals", bodies[2])
        assert (full.status_code, full.json()["type"]) == (503, "urn:foodvalley:problem:queue-full")
        assert 1 <= int(full.headers["retry-after"]) <= 60
        for body in bodies[:2]:
            wait_for(service, post(service, "/proposals", body).json()["id"], "sent")
        mine()
        for body in bodies[:2]:
            wait_for(service, post(service, "/proposals", body).json()["id"], "final")
        last = post(service, "/proposals", bodies[2])
        assert last.status_code == 202
        wait_for(service, last.json()["id"], "sent")
        mine()
        wait_for(service, last.json()["id"], "final")


def test_service_without_a_key_says_so(anvil_region: Region, tmp_path: Path) -> None:
    with as_it_was(anvil_region) as region, served(settings_of(region, tmp_path / "home")) as service:
        act = an_act(region)
        body = {"act": act_to_json(act), "approval": approving(service, act, "gm0345")}
        answer = post(service, "/proposals", body)
        assert answer.status_code == 503
        assert "carries nothing" in answer.json()["detail"]


def wait_for(service: Served, identity: str, state: str) -> Any:
    end = time.monotonic() + 20
    while True:
        found = service.client.get(f"{service.url}/v1/submissions/{identity}").json()
        if found["state"] == state:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.02)
