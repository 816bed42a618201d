"""Everything that can go wrong, as one tree.

::

    RegistryError
    ├── UsageError                 the caller asked for something that cannot be asked (exit 2)
    │   ├── ManifestError          a manifest does not say what it must; carries one Problem per fault
    │   └── SettingsError          a setting or a file of settings is wrong
    ├── RefusedError               understood, and the answer is no (exit 1)
    │   ├── DossierError           documents do not match what was agreed, or are not there
    │   ├── KeyStoreError          a key cannot be read, or may not be used here
    │   ├── ContractError          the contract rejected it; carries the Solidity error and its arguments
    │   ├── NotSignedInError       nobody signed in, or no longer
    │   ├── NotAllowedError        signed in, and not allowed to do this
    │   └── NotFoundError          no such agreement, act, organisation or file in the register
    └── UnavailableError           the chain, the disk or a tool is not there (exit 3)
        ├── ChainError             no answer, or not the chain that was meant
        │   ├── DeploymentError    the register is not where the deployment record says
        │   └── UnknownOutcomeError   sent, neither mined nor refused: may still happen
        ├── ServiceError           a service does not answer, or answers nonsense
        ├── LocalChainError        the local chain cannot be started or stopped
        ├── QueueFullError         too much waits to be carried to the chain; carries when to try again
        └── StorageError           a file or database cannot be read or written (full disk, no permission)
            └── IndexMismatchError    the index is of another register, or of a newer version of this package

Every error has a message for a person that names what is wrong and where, and a ``hint`` that says
what to do about it. Neither ever holds a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class RegistryError(Exception):
    """Base of all errors that this package raises on purpose."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def to_json(self) -> dict[str, object]:
        """The error for machines: ``error`` (class name without suffix), ``message``, ``hint``."""
        return {
            "error": type(self).__name__.removesuffix("Error"),
            "message": self.message,
            "hint": self.hint,
        }


class UsageError(RegistryError):
    """The caller asked for something that cannot be asked this way."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a manifest: the field as a dotted path, the 1-based line (if known), and what is wrong."""

    field: str
    line: int | None
    message: str


class ManifestError(UsageError):
    """A manifest does not say what it must."""

    def __init__(self, source: str, problems: Sequence[Problem], *, hint: str | None = None) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(map(self._line, self.problems)), hint=hint)

    def _line(self, problem: Problem) -> str:
        line = "" if problem.line is None else f":{problem.line}"
        field = f"{problem.field}: " if problem.field else ""
        return f"{self.source}{line}: {field}{problem.message}"

    def to_json(self) -> dict[str, object]:
        """As every error, with the list of problems (``field``, ``line``, ``message``)."""
        problems = [{"field": p.field, "line": p.line, "message": p.message} for p in self.problems]
        return super().to_json() | {"source": self.source, "problems": problems}


class SettingsError(UsageError):
    """A setting is missing, unknown or malformed."""


class RefusedError(RegistryError):
    """Understood, and the answer is no."""


class DossierError(RefusedError):
    """Documents do not match what was agreed, or are not there."""


class KeyStoreError(RefusedError):
    """A key cannot be read or unlocked, or may not be used on this chain."""


class ContractError(RefusedError):
    """The contract rejected a call; ``name`` and ``arguments`` are the Solidity error's own."""

    def __init__(self, name: str, arguments: Mapping[str, object], message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.name = name
        self.arguments = dict(arguments)

    def to_json(self) -> dict[str, object]:
        """As every error, with the Solidity error's name and arguments."""
        arguments = {key: str(value) for key, value in self.arguments.items()}
        return super().to_json() | {"contractError": self.name, "arguments": arguments}


class NotSignedInError(RefusedError):
    """Nobody signed in, the message to sign in with is wrong, or the session is over."""


class NotAllowedError(RefusedError):
    """Who signed in may not do this."""


class NotFoundError(RefusedError):
    """No such agreement, act, organisation or file in the register."""


class UnavailableError(RegistryError):
    """Something this needs is not there now: the chain, the disk, a tool."""

    exit_code = 3


class ChainError(UnavailableError):
    """The chain does not answer, answers nonsense, or is not the chain that was meant."""


class DeploymentError(ChainError):
    """The register is not where the deployment record says: the chain was reset, or is another one."""


class UnknownOutcomeError(ChainError):
    """A transaction was sent and is neither mined nor refused; it may still be mined."""

    def __init__(self, transaction_hash: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.transaction_hash = transaction_hash


class ServiceError(UnavailableError):
    """A service, one's own or a partner's, does not answer, takes too long or answers nonsense."""


class LocalChainError(UnavailableError):
    """The local chain cannot be started, found or stopped."""


class QueueFullError(UnavailableError):
    """Too much waits to be carried to the chain; it may be handed in again after so many seconds."""

    def __init__(self, message: str, *, retry_after: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class StorageError(UnavailableError):
    """A file cannot be read or written: full disk, no permission, gone."""


class IndexMismatchError(StorageError):
    """The index is that of another register or chain, or a newer version of this package made it."""
