"""Which network addresses a listed host may have: a name must not lead into the house."""

from __future__ import annotations

import socket
import threading
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import ModelUnreachable
from rai_dash.core.texts import tr

Address = IPv4Address | IPv6Address
#: Azure's metadata service is the only one of the large clouds whose address looks public.
_METADATA: Final = frozenset({IPv4Address("168.63.129.16")})
#: Special uses that Python 3.11 takes for public: among them Oracle's metadata service, and relays to IPv6.
_SPECIAL: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
#: Addresses of IPv6 that a translator on the way turns into the address of IPv4 at their end.
_TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"))


def _within(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 stands for, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and any(address in network for network in _TRANSLATED):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, and stands for no other one.

    Loopback, private, link-local, shared, reserved and documentation addresses are not, nor are those of IPv6 that
    hold such an address of IPv4, nor the metadata services of clouds.
    """
    seen = {address, _within(address)}
    return not seen & _METADATA and all(
        a.is_global
        and not a.is_multicast
        and not a.is_reserved
        and not getattr(a, "is_site_local", False)
        and not any(a in network for network in _SPECIAL if a.version == network.version)
        for a in seen
    )


def is_allowed(address: Address, endpoint: Endpoint) -> bool:
    """Whether a host may have this address: a public one, or one that the operator wrote down literally."""
    if address.is_multicast or address.is_unspecified:
        return False
    return is_public(address) or address in endpoint.addresses or str(address) == _literal(endpoint.host)


def _literal(host: str) -> str | None:
    """Return the host in its usual spelling where it is an address, else None."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def resolve(endpoint: Endpoint, timeout: float) -> tuple[str, ...]:
    """Look a host up once and check every address it has.

    Parameters
    ----------
    endpoint : Endpoint
        From the operator's list.
    timeout : float
        Seconds; the system's own lookup has no limit.

    Returns
    -------
    tuple of str
        Addresses to connect to, in the system's order.

    Raises
    ------
    ModelUnreachable
        When the name is not known, takes too long, or has an address that is not allowed.
    """
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        except OSError as error:
            failed.append(error)
        else:
            found.extend(dict.fromkeys(str(info[4][0]) for info in infos))

    thread = threading.Thread(target=ask, daemon=True, name="rai-dash-lookup")
    thread.start()
    thread.join(timeout)
    if not found:
        why = "is not known" if failed else f"was not found within {timeout:g} seconds"
        msg = tr(
            "The host of the model `{endpoint}` {why}. Ask the operator whether the address is right.",
            endpoint=endpoint.name,
            why=why,
        )
        raise ModelUnreachable(msg, code="endpoint_unknown_host")
    if not all(is_allowed(ip_address(a.partition("%")[0]), endpoint) for a in found):
        msg = tr(
            "The host of the model `{endpoint}` has an address inside this network or of this machine, "
            "which is not allowed. The operator can allow it by writing the address down "
            "(docs/endpoints.md).",
            endpoint=endpoint.name,
        )
        raise ModelUnreachable(msg, code="endpoint_private_address")
    return tuple(found)
