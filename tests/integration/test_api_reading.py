"""What the service answers, on a real chain: who takes part, what was agreed, what waits, what was promised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from services import Served, served, settings_of
from world import Desk, Region, account, as_it_was, day_of

from registry.api.schemas import agreements as agreement_models
from registry.api.schemas import common as common_models
from registry.api.schemas import organisations as organisation_models
from registry.api.schemas import proposals as proposal_models
from registry.model import Act, Stage
from registry.statements import hash_act

PUBLIC = {"visibility": "public"}


@dataclass
class Scene:
    """A service on a register with a history, which no test adds to."""

    service: Served
    desk: Desk
    open: Act
    amended: Act
    closed: Act
    proposed: Act
    declined: Act

    def ask(self, path: str, model: type[common_models.Model], **parameters: Any) -> Any:
        """The answer, which is what the description says it is."""
        told = self.service.ask(path, **parameters)
        model.model_validate(told, by_alias=True, by_name=False)
        return told


def hex_of(act: Act) -> str:
    return "0x" + hash_act(act).hex()


@pytest.fixture(scope="module")
def scene(anvil_region: Region, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("reading")
    with as_it_was(anvil_region) as region:
        desk = Desk(region, home / "desk")
        promised = [
            {"id": "T1", "organisation": "gm0345", "text": "legt paden aan", "due": str(day_of(region.now(), later=-3))}
        ]
        first = desk.concluded("Veenendaal", "Ede", title="Convenant Open", extra={**PUBLIC, "commitments": promised})
        second = desk.draft("Veenendaal", "Ede", "Rhenen", follows=first, title="Convenant Open, breder", extra=PUBLIC)
        desk.agree(second, "veenendaal", "ede", "rhenen")
        closed = desk.concluded("Veenendaal", "Wageningen", title="Convenant Besloten", extra={"commitments": promised})
        proposed = desk.draft("Ede", "Renswoude", title="Convenant Voorstel", extra=PUBLIC)
        desk.service.propose(proposed, region.signer("ede"))
        declined = desk.draft("Ede", "Nijkerk", title="Convenant Afgewezen", extra=PUBLIC)
        desk.service.propose(declined, region.signer("ede"))
        desk.service.decline(desk.view, declined, region.signer("nijkerk"))
        view = desk.view
        promise = desk.promises.find(view, desk.service.agreement(view, hex_of(first)), "T1")
        desk.promises.report(view, promise, "gm0345", Stage.STARTED, region.signer("veenendaal"))
        view = desk.view
        promise = desk.promises.find(view, desk.service.agreement(view, hex_of(first)), "T1")
        desk.promises.confirm(view, promise, "gm0345", "gm0228", region.signer("ede"))
        settings = settings_of(region, home / "home", dossiers=desk.service.store.folder)
        with served(settings) as service:
            yield Scene(service, desk, first, second, closed, proposed, declined)


def test_agreements_are_listed_as_they_stand(scene: Scene) -> None:
    told = scene.ask("/agreements", agreement_models.Agreements)
    rows = {one["agreement"]: one for one in told["items"]}
    row = rows[hex_of(scene.open)]
    assert row["title"] == "Convenant Open, breder"
    assert row["status"] == "in force"
    assert row["acts"] == 2
    assert [one["id"] for one in row["parties"]] == ["gm0228", "gm0340", "gm0345"]
    assert told["asOf"]["block"] == scene.desk.region.chain.latest()[0]
    assert told["asOf"]["fingerprint"] == "0x" + scene.desk.region.register.fingerprint().hex()


def test_agreements_at_another_moment(scene: Scene) -> None:
    before = str(day_of(scene.desk.region.now(), later=-60))
    assert scene.ask("/agreements", agreement_models.Agreements, validOn=before)["items"][0]["status"] == "pending"
    assert scene.ask("/agreements", agreement_models.Agreements, knownAt=before)["items"] == []


def test_pages_go_on_where_the_one_before_ended(scene: Scene) -> None:
    first = scene.ask("/agreements", agreement_models.Agreements, limit=1)
    rest = scene.ask("/agreements", agreement_models.Agreements, limit=1, after=first["next"])
    assert [one["agreement"] for one in first["items"] + rest["items"]] == [hex_of(scene.open), hex_of(scene.closed)]
    assert rest["next"] is None
    assert (
        "another listing" in scene.service.problem(400, "/agreements", after=first["next"], kind="convenant")["detail"]
    )


def test_filters(scene: Scene) -> None:
    def found(**filters: str) -> list[str]:
        return [one["agreement"] for one in scene.ask("/agreements", agreement_models.Agreements, **filters)["items"]]

    assert found(organisation="gm0340") == [hex_of(scene.open)]
    assert found(verb="accede") == [hex_of(scene.open)]
    assert found(status="ended") == []
    assert found(text="breder") == [hex_of(scene.open)]


def test_what_a_dossier_says_that_is_not_for_everybody_is_told_to_nobody_here(scene: Scene) -> None:
    rows = {one["agreement"]: one for one in scene.ask("/agreements", agreement_models.Agreements)["items"]}
    assert rows[hex_of(scene.closed)]["title"] is None
    assert rows[hex_of(scene.closed)]["kind"] is None
    for secret in ({"text": "besloten"}, {"kind": "convenant"}):
        items = scene.ask("/agreements", agreement_models.Agreements, **secret)["items"]
        assert hex_of(scene.closed) not in [one["agreement"] for one in items]
    for path in (f"/agreements/{hex_of(scene.closed)}", f"/acts/{hex_of(scene.closed)}", "/commitments", "/events"):
        assert "Besloten" not in scene.service.get(path).text
    for filters in ({}, {"overdue": True}, {"organisation": "gm0345"}, {"dueBefore": "2999-12-31"}):
        items = scene.ask("/commitments", proposal_models.Commitments, **filters)["items"]
        assert hex_of(scene.closed) not in [one["agreement"] for one in items]


def test_an_agreement_with_its_acts(scene: Scene) -> None:
    told = scene.ask(f"/agreements/{hex_of(scene.open)}", agreement_models.Agreement)
    assert [one["verb"] for one in told["recordedActs"]] == ["conclude", "accede"]
    approvals = told["recordedActs"][1]["approvals"]
    assert {one["signatory"] for one in approvals} == {account(one) for one in ("veenendaal", "ede", "rhenen")}
    assert told["recordedActs"][1]["act"]["previous"] == hex_of(scene.open)
    acts = scene.ask(f"/agreements/{hex_of(scene.open)}/acts", agreement_models.Acts)
    assert acts["items"] == told["recordedActs"]
    assert scene.service.problem(404, f"/agreements/{hex_of(scene.amended)}")["status"] == 404


def test_what_happened_to_an_agreement(scene: Scene) -> None:
    told = scene.ask(f"/agreements/{hex_of(scene.open)}/events", proposal_models.Events)
    assert [one["event"] for one in told["items"]] == ["Recorded", "Recorded", "ProgressReported", "ProgressConfirmed"]
    everything = scene.ask("/events", proposal_models.Events, limit=1000)["items"]
    assert len(everything) == scene.ask("/statistics", common_models.Statistics)["events"]


def test_an_act_has_a_tag_that_outlives_blocks(scene: Scene) -> None:
    path = f"/acts/{hex_of(scene.amended)}"
    first = scene.service.get(path)
    agreement_models.Act.model_validate(first.json(), by_alias=True, by_name=False)
    tag = first.headers["etag"]
    scene.desk.region.ask("evm_mine")
    scene.service.context.follower.catch_up()
    url = f"{scene.service.url}/v1{path}"
    for given in (tag, f'"other", {tag}', "*"):
        again = scene.service.client.get(url, headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["api-version"] == "1.0.0"
    assert scene.service.client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_approvals_of_acts_and_of_proposals(scene: Scene) -> None:
    recorded = scene.ask(f"/acts/{hex_of(scene.amended)}/approvals", agreement_models.Approvals)
    assert recorded["isRecorded"] is True
    assert [one["organisation"]["id"] for one in recorded["items"]] == ["gm0228", "gm0340", "gm0345"]
    given = scene.ask(f"/acts/{hex_of(scene.proposed)}/approvals", agreement_models.Approvals)
    assert given["isRecorded"] is False
    assert [one["signatory"] for one in given["items"]] == [account("ede")]


def test_proposals_and_for_whom_they_wait(scene: Scene) -> None:
    (row,) = scene.ask("/proposals", proposal_models.Proposals)["items"]
    assert row["actHash"] == hex_of(scene.proposed)
    assert row["title"] == "Convenant Voorstel"
    assert [one["id"] for one in row["waitsFor"]] == ["gm0339"]
    for waiting, expected in (("gm0339", 1), ("gm0228", 0), (account("renswoude"), 1), (account("ede"), 0)):
        assert len(scene.ask("/proposals", proposal_models.Proposals, waitingFor=waiting)["items"]) == expected
    assert scene.ask(f"/proposals/{hex_of(scene.proposed)}", proposal_models.Proposal)["status"] == "open"
    assert scene.ask(f"/proposals/{hex_of(scene.declined)}", proposal_models.Proposal)["status"] == "declined"
    assert scene.service.problem(400, "/proposals", waitingFor="gm0339", organisation="gm0339")["hint"]


def test_organisations_mandates_and_signatories(scene: Scene) -> None:
    told = scene.ask("/organisations", organisation_models.Organisations)
    assert [one["organisation"]["id"] for one in told["items"] if not one["votes"]] == ["pv25", "pv26"]
    one = scene.ask("/organisations/gm0345", organisation_models.Organisation)
    assert {each["signatory"] for each in one["mandates"]} == {account("veenendaal"), account("veenendaal:2")}
    mandates = scene.ask("/organisations/gm0345/mandates", organisation_models.Mandates)["items"]
    assert mandates == one["mandates"]
    key = scene.ask(f"/signatories/{account('veenendaal:2')}", organisation_models.Signatory)
    assert key["mandate"]["together"] == 2
    assert scene.ask("/organisations/gm0345/events", proposal_models.Events)["items"]
    scene.service.problem(404, "/organisations/gm9999")
    scene.service.problem(404, f"/signatories/{account('stranger')}")


def test_commitments_and_what_came_of_them(scene: Scene) -> None:
    (row,) = scene.ask("/commitments", proposal_models.Commitments, overdue=True)["items"]
    assert (row["id"], row["overdue"], row["text"]) == ("T1", True, "legt paden aan")
    assert row["reports"][0]["progress"] == "started"
    assert row["reports"][0]["confirmedBy"][0]["organisation"]["id"] == "gm0228"


def test_whether_a_file_is_part_of_an_act(scene: Scene) -> None:
    digest = sha256(scene.desk.document(scene.amended).read_bytes()).hexdigest()
    told = scene.ask(f"/documents/{digest}", organisation_models.Document)
    assert (told["accepted"], told["outcome"]) == (True, "in force")
    (act,) = told["acts"]
    assert (act["actHash"], act["document"], act["leaf"]) == (hex_of(scene.amended), "overeenkomst.pdf", 1)
    old = sha256(scene.desk.document(scene.open).read_bytes()).hexdigest()
    assert scene.ask(f"/documents/{old}", organisation_models.Document)["outcome"] == "superseded"
    closed = sha256(scene.desk.document(scene.closed).read_bytes()).hexdigest()
    (hidden,) = scene.ask(f"/documents/{closed}", organisation_models.Document)["acts"]
    assert (hidden["document"], hidden["salt"]) == (None, None)
    unknown = scene.ask(f"/documents/{'00' * 32}", organisation_models.Document)
    assert (unknown["accepted"], unknown["outcome"], unknown["acts"]) == (False, "unknown", [])
    proposed = sha256(scene.desk.document(scene.proposed).read_bytes()).hexdigest()
    assert scene.ask(f"/documents/{proposed}", organisation_models.Document)["outcome"] == "unknown"


def test_wrong_questions_are_answered_with_what_is_wrong(scene: Scene) -> None:
    for path, parameters, words in (
        ("/agreements", {"limit": 0}, "query.limit"),
        ("/agreements", {"validOn": "1 mei"}, "query.validOn"),
        ("/agreements", {"knownAt": "2999-01-01"}, "lies ahead"),
        ("/agreements", {"validon": "2026-05-01"}, "validon"),
        ("/agreements", {"after": "abc"}, "is not a cursor"),
        ("/agreements", {"organisation": "gm9999"}, None),
        ("/agreements/0x12", {}, "path.agreement"),
        ("/documents/xyz", {}, "path.sha256"),
    ):
        told = scene.service.problem(404 if words is None else 400, path, **parameters)
        assert words is None or words in told["detail"], told
        assert "--" not in str(told)


def test_a_moment_may_come_with_any_offset(scene: Scene) -> None:
    told = [
        scene.ask("/agreements", agreement_models.Agreements, validOn=moment)
        for moment in ("2026-05-01T10:00:00Z", "2026-05-01T12:00:00+02:00", "2026-05-01T05:30:00-04:30")
    ]
    assert {one["validOn"] for one in told} == {"2026-05-01T10:00:00Z"}
    assert (
        scene.ask("/agreements", agreement_models.Agreements, validOn="2026-05-01")["validOn"] == "2026-04-30T22:00:00Z"
    )


def test_asking_changes_nothing(scene: Scene) -> None:
    before = scene.desk.region.chain.latest()[0], scene.desk.service.store.roots()
    for path in ("/agreements", f"/acts/{hex_of(scene.open)}", "/proposals", "/events", "/statistics"):
        assert scene.service.ask(path)["asOf"] == scene.service.ask(path)["asOf"]
    assert (scene.desk.region.chain.latest()[0], scene.desk.service.store.roots()) == before
