"""Putting a register on a chain, and finding it again.

One record per chain id says where it is; before it is believed, the chain is asked whether it still holds
that block and that code. So a chain that was reset since, or another one under the same id, is noticed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eth_typing import ChecksumAddress
from eth_utils.address import is_checksum_address
from eth_utils.crypto import keccak

from registry.chain.artifact import register_artifact
from registry.chain.connect import Chain
from registry.chain.register import Register, send
from registry.errors import DeploymentError, StorageError
from registry.keys import Signer
from registry.model import Founder
from registry.organisations import DIRECTORY, Directory
from registry.statements import organisation_word


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a register is: ``deployments/<chain id>.json``. Hashes as 0x-prefixed hexadecimal."""

    chain_id: int
    address: ChecksumAddress
    block: int
    block_hash: str
    transaction: str
    code_hash: str

    def register(self, chain: Chain, directory: Directory = DIRECTORY) -> Register:
        """The register there; check the deployment first."""
        return Register(chain, self.address, self.block, directory)


def deploy(chain: Chain, founders: Sequence[Founder], signer: Signer, folder: Path) -> tuple[Deployment, bool]:
    """Founds a council and its register on the chain, unless the record already names one that is there.

    Returns the deployment and whether it is new. Organisations may come in any order. DeploymentError if the
    record names a register that is no longer there; ContractError if the founders are not acceptable.
    """
    existing = _load(folder, chain.chain_id)
    if existing is not None:
        check_deployment(chain, existing, folder)
        return existing, False
    _require_writable(folder)
    artifact = register_artifact()
    factory = chain.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
    ordered = sorted(founders, key=lambda one: one.organisation)
    rows = [(organisation_word(one.organisation), one.administrator, one.votes) for one in ordered]
    sent = send(chain, factory.constructor(rows), signer, "deploying the register")
    assert sent.contract_address is not None  # noqa: S101 - a mined creation has one
    block_hash = chain.block_hash(sent.block) or b""
    deployment = Deployment(
        chain_id=chain.chain_id,
        address=sent.contract_address,
        block=sent.block,
        block_hash="0x" + block_hash.hex(),
        transaction="0x" + sent.transaction.hex(),
        code_hash="0x" + keccak(chain.code(sent.contract_address)).hex(),
    )
    _save(folder, deployment)
    return deployment, True


def find_deployment(chain: Chain, folder: Path, address: ChecksumAddress | None = None) -> Deployment:
    """The register to use on this chain: at ``address`` if given, else where the record says.

    DeploymentError if there is none, or if the chain does not hold it.
    """
    recorded = _load(folder, chain.chain_id)
    if address is not None and (recorded is None or recorded.address != address):
        code = chain.code(address)
        if not register_artifact().is_code_of(code):
            raise DeploymentError(
                f"there is no register of this version at {address} on chain {chain.chain_id}",
                hint="check the address and the node (FOODVALLEY_REGISTER, FOODVALLEY_NODE)",
            )
        return Deployment(chain.chain_id, address, 0, "", "", "0x" + keccak(code).hex())
    if recorded is None:
        raise DeploymentError(
            f"no register is known on chain {chain.chain_id}" + _others(folder, chain.chain_id),
            hint="found one (foodvalley deploy --founders FILE; on a local chain: foodvalley deploy --dev-council), "
            "or name its address (--register, FOODVALLEY_REGISTER)",
        )
    check_deployment(chain, recorded, folder)
    return recorded


def check_deployment(chain: Chain, deployment: Deployment, folder: Path) -> None:
    """DeploymentError unless the chain holds that block and that code."""
    path = _path(folder, deployment.chain_id)
    if chain.block_hash(deployment.block) != bytes.fromhex(deployment.block_hash.removeprefix("0x")):
        raise DeploymentError(
            f"chain {chain.chain_id} was reset since the register was deployed: block {deployment.block} "
            f"is not the one that {path} names",
            hint=f"if that is meant, remove {path} and deploy anew",
        )
    code = chain.code(deployment.address)
    if "0x" + keccak(code).hex() != deployment.code_hash:
        raise DeploymentError(
            f"the code at {deployment.address} is not the register that {path} names",
            hint="check that the node follows the right chain",
        )


def _others(folder: Path, chain_id: int) -> str:
    others = sorted(path.stem for path in folder.glob("*.json") if path.stem != str(chain_id))
    return f" (there is one on chain {', '.join(others)})" if others else ""


def recorded_deployments(folder: Path) -> tuple[Deployment, ...]:
    """What the deployment records say, unasked, by chain id; StorageError if one is damaged."""
    chains = sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isascii() and path.stem.isdigit())
    return tuple(one for one in (_load(folder, chain_id) for chain_id in chains) if one is not None)


def _path(folder: Path, chain_id: int) -> Path:
    return folder / f"{chain_id}.json"


def _load(folder: Path, chain_id: int) -> Deployment | None:
    path = _path(folder, chain_id)
    try:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        deployment = Deployment(**data)
        if deployment.chain_id != chain_id or not is_checksum_address(deployment.address):
            raise ValueError("names another chain, or no address")
        if type(deployment.block) is not int or deployment.block < 0 or not _is_hash(deployment.block_hash):
            raise ValueError("names no block")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise StorageError(f"{path} is not a deployment record ({error})", hint="restore it, or remove it") from error
    return deployment


def _is_hash(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch("0x[0-9a-f]{64}", text) is not None


def _require_writable(folder: Path) -> None:
    """Before anything is deployed: a register whose address cannot be kept would be lost."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make the folder {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise StorageError(f"cannot write in the folder {folder}", hint="name another: FOODVALLEY_DEPLOYMENTS")


def _save(folder: Path, deployment: Deployment) -> None:
    path = _path(folder, deployment.chain_id)
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_text(json.dumps(asdict(deployment), indent=2) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise StorageError(
            f"the register is at {deployment.address}, but {path} cannot be written: {error.strerror}",
            hint=f"use it with --register {deployment.address}",
        ) from error
