"""The fingerprint: one hash over everything that the register ever recorded."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry.api import answers
from registry.api.context import Ctx
from registry.api.schemas.common import Fingerprint
from registry.errors import ChainError

router = APIRouter(tags=["fingerprint"])


@router.get(
    "/fingerprint", operation_id="getFingerprint", summary="The fingerprint of the register", response_model=Fingerprint
)
def get_fingerprint(context: Ctx) -> Response:
    """One hash over all that was recorded, as of the latest block the service has seen.

    Two services that give the same fingerprint for a register have seen the same events, none left out.
    """
    found = context.index.as_of
    if found is None:
        raise ChainError("nothing was read of the chain yet", hint="wait a moment: the service has just started")
    register = context.service.register
    return answers.json(
        {
            "fingerprint": "0x" + found.fingerprint.hex(),
            "register": register.address,
            "chainId": register.chain.chain_id,
            "asOf": {
                "block": found.block,
                "time": found.block_time,
                "fingerprint": "0x" + found.fingerprint.hex(),
            },
        }
    )
