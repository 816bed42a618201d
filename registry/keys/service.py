"""The key of a service: it pays for what the service carries, and signs in with it at the services of partners."""

from __future__ import annotations

from collections.abc import Mapping

from registry.errors import SettingsError
from registry.keys.keystore import load
from registry.keys.passwords import PASSWORD_VARIABLE, read_password
from registry.keys.signers import Signer, development_signer
from registry.settings import Settings

DEVELOPMENT = "dev:"


def service_signer(
    settings: Settings, environ: Mapping[str, str], client_version: str, node_url: str, chain_id: int
) -> Signer | None:
    """The key that the setting ``carrier_key`` names; None if it names none.

    ``dev:ROLE`` is a development account of a local chain, as with ``--dev``. The password of a key comes from the
    environment. SettingsError if there is none, KeyStoreError if the key cannot be used.
    """
    name = settings.carrier_key
    if name is None:
        return None
    if name.startswith(DEVELOPMENT):
        return development_signer(name.removeprefix(DEVELOPMENT), client_version, node_url, chain_id)
    if not environ.get(PASSWORD_VARIABLE):
        raise SettingsError(
            f"the key {name!r} of the service needs its password",
            hint=f"give it in the environment: {PASSWORD_VARIABLE}",
        )
    return load(settings.keys, name, read_password(environ=environ))
