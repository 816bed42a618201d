"""Errors of the contract as sentences, also those that a node garbles."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from ledgers import key_of
from web3.exceptions import ContractCustomError

from registry.chain.failures import contract_error, translated
from registry.errors import ContractError, RefusedError

VEENENDAAL = b"gm0345".ljust(32, b"\0")


def told(signature: str, *values: object, tail: int | None = None) -> RefusedError:
    """What a person hears of a Solidity error, of which the node gives so many bytes of its arguments."""
    types = signature.partition("(")[2].removesuffix(")").split(",")
    data = keccak(text=signature)[:4] + encode(types, list(values))[:tail]
    return contract_error(ContractCustomError("reverted", "0x" + data.hex()), "deciding")


@pytest.mark.parametrize(
    ("signature", "values", "sentence"),
    [
        ("NotMember(bytes32)", (VEENENDAAL,), "gemeente Veenendaal (gm0345) does not take part"),
        ("NotMember(bytes32)", (b"\xff" * 32,), f"0x{'ff' * 32} does not take part"),
        ("AlreadySucceeded(bytes32,bytes32)", (VEENENDAAL, b"ws0636".ljust(32, b"\0")), "ws0636 took the place of"),
        ("NoMajority(uint256,uint256)", (4, 8), "4 of the 8 voting members approve, which is no majority"),
        ("MotionExpired(uint40)", (0,), "had to be decided by 1970-01-01 00:00:00 UTC"),
        ("MotionLapsed(uint40)", (1_800_000_000,), "nobody enacted the motion before 2027-01-15 08:00:00 UTC"),
        ("VetoPeriod(uint40)", (2**40 - 1,), "can veto the motion until unix second 1099511627775"),
        ("InvalidPeriod(uint40,uint40)", (0, 0), "would end (no end) before it begins (1970-01-01 00:00:00 UTC)"),
        ("MandateNotInForce(address,uint40,uint40)", (key_of("x"), 0, 0), "from 1970-01-01 00:00:00 UTC until no end"),
        ("UnknownAction(string)", ("appoint",), "appoint is nothing the council can decide"),
        ("ServiceTooLong(uint256)", (256,), "the address has 256 bytes; at most 255 fit"),
        ("NotNominated(bytes32,address)", (VEENENDAAL, key_of("x")), f"{key_of('x')} was not put forward"),
    ],
)
def test_arguments_stand_in_the_sentence_as_people_read_them(
    signature: str, values: tuple[object, ...], sentence: str
) -> None:
    error = told(signature, *values)
    assert isinstance(error, ContractError)
    assert error.name == signature.partition("(")[0]
    assert sentence in error.message


@pytest.mark.parametrize("tail", [0, 32])
def test_error_that_the_node_cut_short_is_a_refusal_without_its_arguments(tail: int) -> None:
    error = told("NoMajority(uint256,uint256)", 4, 8, tail=tail)
    assert not isinstance(error, ContractError)
    assert error.message == "deciding: the contract refused with NoMajority, and the node garbled the rest"


def test_error_with_a_text_that_is_no_utf_8_is_a_refusal() -> None:
    data = keccak(text="UnknownAction(string)")[:4] + encode(["bytes"], [b"caf\xe9"])
    with pytest.raises(RefusedError, match="the contract refused with UnknownAction"), translated("deciding"):
        raise ContractCustomError("reverted", "0x" + data.hex())
