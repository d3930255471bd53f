"""Who a provider knows: the services that send people to it, and the invented people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Client:
    """A service (relying party) as it is registered at the provider.

    jwks: its public keys, {"keys": [...]}, each with a `kid`; two may live side by side.
    """

    client_id: str
    jwks: Mapping[str, Any]
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()
    frontchannel_logout_uri: str = ""
    backchannel_logout_uri: str = ""


@dataclass(frozen=True)
class TestPerson:
    """An invented person. Without an identity number the token has no `pid`.

    seed: what `sub` is made of, the name when left out. claims: more of what the provider
    says of the person, as `oid` and `tid`. note: what stands under the name on the page.
    """

    __test__: ClassVar[bool] = False  # pytest is not to collect this

    name: str
    identity_number: str | None = None
    seed: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def key(self) -> str:
        return self.seed or self.name
