"""What a node and the contract say went wrong, as errors of this package: the only place that knows both.

The sentences for people stand in :data:`_SENTENCES`, one for each Solidity error; a test holds that none is
missing. ``{name}`` stands for an argument of the error, shown as people read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import requests
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3.exceptions import (
    BadResponseFormat,
    ContractCustomError,
    ContractLogicError,
    TimeExhausted,
    Web3Exception,
    Web3RPCError,
)

from registry.chain.artifact import register_artifact
from registry.errors import ChainError, ContractError, RefusedError, RegistryError
from registry.organisations import DIRECTORY, Directory
from registry.statements import organisation_of

_SENTENCES: dict[str, tuple[str, str | None]] = {
    "ActDeclined": (
        "act {actHash} was declined or withdrawn",
        "propose anew, with another dossier or deadline",
    ),
    "AgreementEnded": ("agreement {agreement} was ended", "conclude a new agreement"),
    "AlreadyApproved": (
        "{signatory} approved this on chain already",
        "only the signatory itself can give another approval: foodvalley sign",
    ),
    "AlreadyConfirmed": ("{organisation} confirmed report {reportHash} already", None),
    "AlreadyDecided": ("motion {motionHash} was decided already", "see what came of it: foodvalley motion list"),
    "AlreadyMember": (
        "{organisation} takes part already, with this vote or with another administrator",
        "to replace its administrator: foodvalley handover, or foodvalley motion recover",
    ),
    "AlreadyRecorded": ("act {actHash} is recorded already", None),
    "AlreadySucceeded": ("{successor} took the place of {organisation} already", None),
    "AnotherPending": (
        "motion {motionHash} waits for this organisation; it can be enacted from {effectFrom}",
        "enact it, let the organisation veto it, or wait 28 days more until it lapses",
    ),
    "ApprovalNotRequired": (
        "an approval of {signatory} for {organisation} is not required here, or there are enough already",
        "leave it out",
    ),
    "ApprovalsMissing": (
        "{organisation} has not approved: {given} of the {needed} approvals that bind it",
        "let its signatories sign: foodvalley sign",
    ),
    "ApprovalsNotAscending": (
        "approvals are out of order at {signatory}",
        "sort them by signatory, each once",
    ),
    "DeadlinePassed": ("the act had to be recorded by {deadline}", "propose anew with a later deadline"),
    "DecisionsMismatch": (
        "{decisions} decisions for {approvals} approvals",
        "give one for each, or none at all",
    ),
    "EntersNothingNew": (
        "{organisation} was expelled or succeeded and enters nothing new",
        "leave it out, or name its successor as a party",
    ),
    "HistoryTooLong": (
        "the history goes back further than the act that holds then, of {validFrom}",
        "leave older acts out",
    ),
    "HistoryTooShort": ("the history goes back no further than {validFrom}", "give the acts before it too"),
    "InvalidIdentifier": ("{organisation} is no identifier of at most 16 characters", None),
    "InvalidMandate": (
        "the mandate of {signatory} could never count",
        "it must end after it begins and after today, and ask for one signatory or more",
    ),
    "InvalidMotion": (
        "motion {motionHash} says more than it needs, or what cannot be",
        "make it with: foodvalley motion",
    ),
    "InvalidPeriod": (
        "the act would end ({validUntil}) before it begins ({validFrom})",
        "mend the dates in the manifest",
    ),
    "InvalidShortString": ("a text is malformed", None),
    "InvalidSignature": ("{r}{vs} is not a signature", "sign again"),
    "MandatedElsewhere": (
        "{signatory} is a key of {organisation} and stays so",
        "use a key of its own for each organisation",
    ),
    "MandateNotInForce": (
        "the mandate of {signatory} runs from {validFrom} until {validUntil}",
        "let a signatory whose mandate is in force sign, or let the administrator renew it",
    ),
    "MotionExpired": ("the motion had to be decided by {deadline}", "move anew with a later deadline"),
    "MotionLapsed": ("nobody enacted the motion before {lapsedAt}", "move anew"),
    "NoAdministrator": ("{organisation} has no administrator", "give the address of one"),
    "NoDossier": ("the act says who is bound, not to what", "give the root of its dossier"),
    "NoMajority": (
        "{inFavour} of the {voters} voting members approve, which is no majority",
        "let more of them sign: foodvalley motion sign",
    ),
    "NoMandate": (
        "{signatory} is a signatory of no organisation",
        "let its administrator appoint it; or the signature is for something else, another register or another chain",
    ),
    "NotAdministrator": (
        "{sender} is not the administrator of {organisation}",
        "use its administrator's key",
    ),
    "NotApproved": (
        "{signatory} did not approve this with this decision on chain",
        "let it sign, or cite the decision it cited",
    ),
    "NotConcerned": ("{sender} is neither the administrator nor a signatory of {organisation}", None),
    "NotConcluding": ("a concluding act follows nothing: it has no agreement and no history", None),
    "NotMember": ("{organisation} does not take part", "see who does: foodvalley council"),
    "NotNominated": (
        "{sender} was not put forward as administrator of {organisation}",
        "let its administrator do so: foodvalley handover",
    ),
    "NotParty": ("{organisation} is no party of the agreement at this moment", "is it in force? see: foodvalley show"),
    "NotPending": ("motion {motionHash} does not wait to be enacted", "see what came of it: foodvalley motion list"),
    "NotSignatory": ("{signatory} is no signatory of {organisation}", "see who is: foodvalley council"),
    "NotSignedBy": ("the signature is not one of {signatory} for this and for that decision", "sign again"),
    "NotVoting": ("{organisation} has no vote", "leave its approval out"),
    "NoVoters": ("nobody would be left to vote", "give a vote to another member first"),
    "OrganisationsNotAscending": (
        "organisations are out of order at {organisation}",
        "sort them by identifier, each once",
    ),
    "OwnReport": ("{organisation} cannot confirm a report of its own", "let another party confirm it"),
    "PartiesNotAscending": ("parties are out of order at {party}", "sort them by identifier, each once"),
    "ServiceTooLong": ("the address has {length} bytes; at most 255 fit", "give a shorter one"),
    "StringTooLong": ("the text {str} is too long", None),
    "TooFewParties": ("an agreement has two parties or more, not {parties}", "add the other parties"),
    "TooManySignatories": ("{organisation} has 64 signatories, which is the most", "dismiss those who no longer sign"),
    "UnknownAction": ("{action} is nothing the council can decide", "make a motion with: foodvalley motion"),
    "UnknownProgress": ("{progress} is no progress", "write started, fulfilled, blocked or cancelled"),
    "VetoPeriod": ("the organisation can veto the motion until {effectFrom}", "enact it after that"),
    "WrongPredecessor": (
        "the act follows {found}, and must follow {expected}",
        "another act was recorded meanwhile, or there is no such agreement: propose anew on the latest act",
    ),
    "WrongReport": (
        "the report follows {found}, and must follow {expected}",
        "another report was recorded meanwhile: report anew",
    ),
}


@contextmanager
def translated(what: str, directory: Directory = DIRECTORY) -> Iterator[None]:
    """Turns errors of web3 and the network into ChainError and ContractError; ``what`` was being done.

    Errors of this package pass unchanged.
    """
    try:
        yield
    except RegistryError:
        raise
    except (ContractCustomError, ContractLogicError) as error:
        raise contract_error(error, what, directory) from error
    except TimeExhausted as error:
        raise ChainError(f"{what}: the node took too long", hint="is it keeping up? try again") from error
    except requests.RequestException as error:
        raise ChainError(f"{what}: {_network(error)}", hint="is the node running? foodvalley chain status") from error
    except (BadResponseFormat, ValueError, KeyError, TypeError, AttributeError) as error:
        # web3 trusts that an answer has the shape that the specification gives it.
        raise ChainError(
            f"{what}: the node answered nonsense ({_short(error)})", hint="is it an Ethereum node?"
        ) from error
    except Web3RPCError as error:
        raise rpc_error(error, what) from error
    except Web3Exception as error:
        raise ChainError(f"{what}: {_short(error)}") from error


def contract_error(error: Exception, what: str, directory: Directory = DIRECTORY) -> RefusedError:
    """The contract's own error behind an exception of web3, decoded by the ABI."""
    data = revert_data(error)
    found = _errors().get(data[:4]) if data else None
    if found is None:
        return RefusedError(f"{what}: the contract refused without saying why ({_short(error)})")
    name, inputs = found
    try:
        values = decode([collapse_if_tuple(one) for one in inputs], data[4:]) if inputs else ()
    except (DecodingError, ValueError):  # the node cut the error short, or its text is no UTF-8
        return RefusedError(f"{what}: the contract refused with {name}, and the node garbled the rest")
    arguments = {one["name"]: _argument(one, value, directory) for one, value in zip(inputs, values, strict=True)}
    sentence, hint = _SENTENCES.get(name, (f"{name} {arguments}", None))
    return ContractError(name, arguments, sentence.format_map(arguments), hint=hint)


def rpc_error(error: Web3RPCError, what: str) -> RegistryError:
    """An error that the node answered with, by what it means for the one who asked."""
    message = _short(error)
    lowered = message.lower()
    if "insufficient funds" in lowered or "upfront cost" in lowered:
        return RefusedError(
            f"{what}: the key has no funds to pay the fee",
            hint="sign with --offline and let another carry it, or fund the key",
        )
    if revert_data(error):
        return contract_error(error, what)
    return ChainError(f"{what}: the node refused ({message})")


def revert_data(error: Exception) -> bytes:
    """The data of a revert, wherever the node put it: Geth and Anvil in ``data``, Ganache also nested."""
    response = getattr(error, "rpc_response", None) or {}
    candidates = [getattr(error, "data", None), response.get("error", {}).get("data")]
    while candidates:
        one = candidates.pop()
        if isinstance(one, dict):
            candidates += [one.get("result"), one.get("data"), *one.values()]
        elif isinstance(one, str) and one.startswith("0x") and len(one) >= 10 and (len(one) - 10) % 64 == 0:
            return bytes.fromhex(one[2:])
    return b""


def _errors() -> dict[bytes, tuple[str, list[dict[str, Any]]]]:
    errors = {}
    for entry in register_artifact().abi:
        if entry["type"] == "error":
            types = ",".join(collapse_if_tuple(one) for one in entry["inputs"])
            errors[keccak(text=f"{entry['name']}({types})")[:4]] = (entry["name"], entry["inputs"])
    return errors


def _argument(parameter: dict[str, Any], value: Any, directory: Directory) -> object:
    name = parameter["name"]
    if name in ("organisation", "party", "successor"):
        return _organisation(value, directory)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if parameter["type"] == "address":
        return to_checksum_address(value)
    if parameter["type"] == "uint40":
        return "no end" if name == "validUntil" and not value else _moment(value)
    return value


def _moment(timestamp: int) -> str:
    try:
        return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):  # the chain counts further than the calendar of Python
        return f"unix second {timestamp}"


def _organisation(word: bytes, directory: Directory) -> str:
    try:
        identifier = organisation_of(word)
    except RegistryError:
        return "0x" + word.hex()
    return f"{directory.name(identifier)} ({identifier})" if directory.get(identifier) else identifier


def _network(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "the node did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no node answers at that address"
    return f"the node did not answer as a node does ({type(error).__name__})"


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else text[:197] + "..."
