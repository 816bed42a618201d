"""What reaches a screen or a log."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from registry.errors import RegistryError


def everything_said_by(action: Callable[[], object]) -> str:
    """All that can reach a screen or a log when the action fails: message, hint, causes, traceback."""
    with pytest.raises(RegistryError) as failure:
        action()
    error = failure.value
    return "".join(traceback.format_exception(error)) + repr(error) + json.dumps(error.to_json())


def said(ran: Any, code: int, *words: str) -> None:
    """A command ended with this code, and said this."""
    assert ran.code == code, ran.text
    for one in words:
        assert one in ran.text, ran.text
