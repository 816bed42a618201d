"""Deploying a register, finding it again, and noticing when it is not there any more."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from world import ORGANISATIONS, ROOT, Region, account, ask, founders, refusal

from registry.chain import Deployment, connect, deploy, find_deployment
from registry.errors import ContractError, DeploymentError, StorageError
from registry.localnet import running
from registry.model import Founder


def test_deploying_twice_finds_the_first(either_region: Region) -> None:
    region = either_region
    again, new = deploy(region.chain, founders(), region.signer("carrier"), region.folder)
    assert (again, new) == (region.deployment, False)
    assert find_deployment(region.chain, region.folder) == region.deployment


def test_record_says_where_the_register_is(either_region: Region) -> None:
    region = either_region
    chain_id = region.chain.chain_id
    record = json.loads((region.folder / f"{chain_id}.json").read_text())
    assert list(record) == ["chain_id", "address", "block", "block_hash", "transaction", "code_hash"]
    block = region.ask("eth_getBlockByNumber", hex(record["block"]), False)
    assert record["chain_id"] == chain_id
    assert record["block_hash"] == block["hash"]
    assert record["transaction"] in block["transactions"]
    receipt = region.ask("eth_getTransactionReceipt", record["transaction"])
    assert receipt["contractAddress"].lower() == record["address"].lower()
    assert len(record["code_hash"]) == 66


def test_founders_are_members_in_whatever_order_they_came(region: Region, tmp_path: Path) -> None:
    deployment, new = deploy(region.chain, founders()[::-1], region.signer("carrier"), tmp_path)
    assert new
    register = deployment.register(region.chain)
    members = [event.member.organisation for event in register.events()]  # type: ignore[union-attr]
    assert members == sorted(ORGANISATIONS)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ([Founder("gm0345", account("carrier"))] * 2, "OrganisationsNotAscending"),
        ([Founder("gm0345", "0x" + "00" * 20)], "NoAdministrator"),
    ],
)
def test_unacceptable_founders_leave_no_record(
    either_region: Region, tmp_path: Path, wanted: list[Founder], name: str
) -> None:
    with pytest.raises(ContractError) as caught:
        deploy(either_region.chain, wanted, either_region.signer("carrier"), tmp_path)
    assert caught.value.name == name
    assert "gemeente Veenendaal (gm0345)" in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_council_in_which_nobody_votes_is_not_founded(region: Region, tmp_path: Path) -> None:
    guests = [replace(one, votes=False) for one in founders()]
    for wanted in (guests, []):
        with refusal("NoVoters", "nobody would be left to vote"):
            deploy(region.chain, wanted, region.signer("carrier"), tmp_path)


def test_chain_that_was_started_anew_is_not_the_one_of_the_record(region: Region) -> None:
    with running("anvil", start=ROOT, environ=os.environ) as fresh:
        chain = connect(fresh.url)
        assert chain.chain_id == region.chain.chain_id
        with pytest.raises(DeploymentError, match="was reset since the register was deployed") as caught:
            find_deployment(chain, region.folder)
        assert str(region.folder) in (caught.value.hint or "")
        with pytest.raises(DeploymentError, match="was reset"):
            deploy(chain, founders(), region.signer("carrier"), region.folder)


def test_chain_set_back_to_before_the_deployment_is_noticed(either_region: Region, tmp_path: Path) -> None:
    region = either_region
    before = region.ask("evm_snapshot")
    deploy(region.chain, founders(), region.signer("carrier"), tmp_path)
    assert find_deployment(region.chain, tmp_path)
    region.ask("evm_revert", before)
    with pytest.raises(DeploymentError, match="was reset"):
        find_deployment(region.chain, tmp_path)
    region.ask("evm_increaseTime", 12)
    for _ in range(3):
        region.ask("evm_mine")  # now there is a block of that number, and it is another
    with pytest.raises(DeploymentError, match="was reset"):
        find_deployment(region.chain, tmp_path)


def test_no_register_is_known_on_another_chain(region: Region, tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text("{}")
    with pytest.raises(DeploymentError, match=r"no register is known on chain 31337 \(there is one on chain 1\)"):
        find_deployment(region.chain, tmp_path)
    with pytest.raises(DeploymentError, match="no register is known"):
        find_deployment(region.chain, tmp_path / "nowhere")


def test_register_is_found_by_its_address_alone(region: Region, tmp_path: Path) -> None:
    found = find_deployment(region.chain, tmp_path, region.deployment.address)
    assert (found.address, found.code_hash) == (region.deployment.address, region.deployment.code_hash)
    register = found.register(region.chain)
    assert register.events() == region.register.events()


@pytest.mark.parametrize("role", ["stranger", "carrier"])
def test_address_without_a_register_is_refused(region: Region, role: str) -> None:
    with pytest.raises(DeploymentError, match="there is no register of this version at"):
        find_deployment(region.chain, region.folder, account(role))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["0x", "0x6001600155"])
def test_code_that_changed_is_noticed(region: Region, code: str) -> None:
    region.ask("anvil_setCode", region.deployment.address, code)
    with pytest.raises(DeploymentError, match="is not the register that"):
        find_deployment(region.chain, region.folder)


def changed(region: Region, folder: Path, **changes: object) -> Path:
    record = json.loads((region.folder / "31337.json").read_text()) | changes
    (folder / "31337.json").write_text(json.dumps(record))
    return folder


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text('{"address": "0x"}'),
        lambda path: path.write_text(path.read_text().replace("31337", "1337")),
        lambda path: path.write_text(path.read_text().replace('"block_hash": "0x', '"block_hash": "')),
        lambda path: path.write_text(path.read_text().replace('"block": ', '"block": "x", "was": ')),
    ],
)
def test_spoilt_record_is_named(region: Region, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    spoil(changed(region, tmp_path) / "31337.json")
    with pytest.raises(StorageError, match=r"31337\.json is not a deployment record"):
        find_deployment(region.chain, tmp_path)


@pytest.mark.parametrize("field", ["block", "block_hash"])
def test_record_of_a_block_that_is_not_there_is_refused(region: Region, tmp_path: Path, field: str) -> None:
    value: object = 10**9 if field == "block" else "0x" + "11" * 32
    with pytest.raises(DeploymentError, match="was reset"):
        find_deployment(region.chain, changed(region, tmp_path, **{field: value}))


@pytest.mark.parametrize("block", [True, 1.5, -1, None, "1"])
def test_block_that_is_no_number_is_a_spoilt_record(region: Region, tmp_path: Path, block: object) -> None:
    with pytest.raises(StorageError):
        find_deployment(region.chain, changed(region, tmp_path, block=block))


def test_record_that_cannot_be_kept_is_noticed_before_anything_is_deployed(region: Region, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nonce = region.ask("eth_getTransactionCount", account("carrier"), "latest")
    with pytest.raises(StorageError, match="Not a directory"):
        deploy(region.chain, founders(), region.signer("carrier"), tmp_path / "file" / "deployments")
    assert region.ask("eth_getTransactionCount", account("carrier"), "latest") == nonce


def test_register_whose_record_cannot_be_written_is_named(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StorageError, match=r"the register is at 0x\w{40}, but .* No space left") as caught:
        deploy(region.chain, founders(), region.signer("carrier"), tmp_path)
    address = (caught.value.hint or "").rpartition(" ")[2]
    assert ask(region.url, "eth_getCode", address, "latest") != "0x"


def test_deployment_is_the_same_for_everybody(region: Region) -> None:
    one, two = (find_deployment(connect(region.url), region.folder) for _ in range(2))
    assert one == two
    assert isinstance(one, Deployment)
