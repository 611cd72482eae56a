"""Which hub models come from, and its access token: out of settings and key store. Fetches nothing.

A token belongs to the endpoint that it was given for and goes to no other one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Hub, HubKind
from nyanko_desktop.models.view import HubChoice, HubView
from nyanko_desktop.settings.schema import HubSettings
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.store import SettingsStore

HUBS: Final = (
    HubChoice("Hugging Face", "https://huggingface.co", "huggingface"),
    HubChoice("hf-mirror.com", "https://hf-mirror.com", "huggingface"),
    HubChoice("ModelScope", "https://modelscope.cn", "modelscope"),
)
"""Those that can be chosen by name; any other endpoint can be typed."""
OFFLINE_VARIABLE: Final = "HF_HUB_OFFLINE"
"""What people set who know Hugging Face's own programs; here it holds for every hub."""
_MEANS_TRUE: Final = ("1", "on", "yes", "true")


def hub_at(endpoint: str, kind: HubKind | None = None) -> Hub:
    """The hub at ``endpoint``, without a token; the kind is known for those of :data:`HUBS`."""
    endpoint = endpoint.strip().rstrip("/")
    known: dict[str, HubKind] = {hub.endpoint: hub.kind for hub in HUBS}
    return Hub(endpoint, kind or known.get(endpoint, "huggingface"))


def offline_by_environment(environment: Mapping[str, str]) -> bool:
    """Whether :data:`OFFLINE_VARIABLE` is set to 1, on, yes or true, in any case: as huggingface_hub reads it."""
    return environment.get(OFFLINE_VARIABLE, "").strip().lower() in _MEANS_TRUE


class HubAccess:
    """Asks the key store only for tokens that are known to be there: it may want a password from the person."""

    def __init__(self, settings: SettingsStore, secrets: SecretStore) -> None:
        self._settings = settings
        self._secrets = secrets
        self._session: set[str] = set()
        """Endpoints whose token lasts until the program ends."""

    @property
    def hub(self) -> Hub:
        """The chosen hub, without its token."""
        chosen = self._settings.current.hub
        return Hub(chosen.endpoint, chosen.kind)

    @property
    def view(self) -> HubView:
        chosen = self._settings.current.hub
        return HubView(
            endpoint=chosen.endpoint,
            kind=chosen.kind,
            choices=HUBS,
            has_token=self._has_token(chosen.endpoint),
            token_problem=self._secrets.problem,
            offline=self._settings.current.network.offline,
        )

    async def authorized(self, hub: Hub) -> Hub:
        """``hub`` with its token, if there is one. Raises RequestError(OFFLINE) when nothing may be fetched."""
        if self._settings.current.network.offline:
            raise RequestError(ErrorCode.OFFLINE)
        if offline_by_environment(os.environ):
            raise RequestError(ErrorCode.OFFLINE, variable=OFFLINE_VARIABLE)
        if not self._has_token(hub.endpoint):
            return hub
        return msgspec.structs.replace(hub, token=await self._secrets.get(_name(hub.endpoint)) or "")

    def choose(self, hub: Hub) -> None:
        """Fetch from ``hub`` from now on. Raises RequestError (not written), msgspec.ValidationError (no endpoint)."""
        self._save(endpoint=hub.endpoint, kind=hub.kind)

    async def set_token(self, token: str, endpoint: str = "") -> None:
        """Keep the token for ``endpoint`` (empty: the chosen one), in the key store if there is one.

        Raises RequestError.
        """
        endpoint = endpoint or self._settings.current.hub.endpoint
        await self._secrets.set(_name(endpoint), token.strip())
        if self._secrets.problem:
            self._session.add(endpoint)
        else:
            self._remember(endpoint, kept=True)

    async def forget_token(self) -> None:
        """Forget the token for the chosen endpoint everywhere. Raises RequestError."""
        endpoint = self._settings.current.hub.endpoint
        self._session.discard(endpoint)
        await self._secrets.delete(_name(endpoint))
        self._remember(endpoint, kept=False)

    def set_offline(self, wanted: bool) -> None:
        """Raises RequestError when it could not be written."""
        current = self._settings.current
        network = msgspec.structs.replace(current.network, offline=wanted)
        self._settings.save(msgspec.structs.replace(current, network=network))

    def _has_token(self, endpoint: str) -> bool:
        return endpoint in self._session or endpoint in self._settings.current.hub.tokens

    def _remember(self, endpoint: str, *, kept: bool) -> None:
        others = tuple(known for known in self._settings.current.hub.tokens if known != endpoint)
        self._save(tokens=(*others, endpoint) if kept else others)

    def _save(self, **changes: str | tuple[str, ...]) -> None:
        current = self._settings.current
        hub: HubSettings = msgspec.structs.replace(current.hub, **changes)
        if hub != current.hub:
            self._settings.save(msgspec.structs.replace(current, hub=hub))


def _name(endpoint: str) -> str:
    return f"hub {endpoint}"
