"""Connections to addresses that others wrote: only to where they may lead, and never for longer than agreed.

An announced address is hostile until proven otherwise: it may name this machine, the machine beside it, or a name that
leads elsewhere the second time it is looked up. So the host is looked up once, every address that comes of it must be
one of the open internet (unless partners on a private network are allowed), and the connection goes to just the address
that was looked at. Redirects are not followed; what a proxy in the environment says does not count.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpcore
import httpx

from registry.errors import RefusedError
from registry.exchange.limits import LIMITS, Limits

LONGEST_URL = 255
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/[]%")


class ForbiddenAddressError(RefusedError):
    """An announced address leads to where a service does not go."""


def checked_url(announced: str, private: bool) -> str:
    """The address of a service, without a slash at the end; ForbiddenAddressError if it is none to connect to.

    ``private`` allows http and, later, addresses of this machine and of private networks.
    """
    shown = repr(announced[:LONGEST_URL])
    try:
        parts = urlsplit(announced)
        host, port = parts.hostname, parts.port
        httpx.URL(announced)
    except (ValueError, httpx.InvalidURL) as error:
        raise ForbiddenAddressError(f"{shown} is not a web address") from error
    if len(announced) > LONGEST_URL or not set(announced) <= _PLAIN or not host or port == 0:
        raise ForbiddenAddressError(f"{shown} is not a web address")
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise ForbiddenAddressError(
            f"{shown} is not an https address", hint="the organisation has to announce one: foodvalley announce"
        )
    if "@" in parts.netloc or "?" in announced or "#" in announced or ".." in parts.path:
        raise ForbiddenAddressError(f"{shown} says more than where the service is")
    return announced.rstrip("/")


def is_open(address: str) -> bool:
    """Whether an IP address is one of the open internet: not of this machine, this network, or a special use."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None and not is_open(str(inner)):
            return False
    special = found.is_private or found.is_loopback or found.is_link_local or found.is_multicast
    return found.is_global and not (special or found.is_reserved or found.is_unspecified)


def is_private(address: str) -> bool:
    """Whether an IP address is of this machine or of a private network, where partners may be if that was allowed."""
    found = ipaddress.ip_address(address.partition("%")[0])
    special = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    return (found.is_loopback or found.is_private) and (found.is_loopback or not special)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def addresses_of(host: str, port: int, private: bool) -> list[str]:
    """What a host is looked up to; ForbiddenAddressError if any of it is not to be connected to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    closed = [one for one in addresses if not is_open(one) and not (private and is_private(one))]
    if closed:
        raise ForbiddenAddressError(
            f"{host} leads to {closed[0]}, an address of this machine or of a private network",
            hint="if partners are on a private network, say so: private_partners = true",
        )
    return addresses


_PATIENCE_SECONDS, _SLOWEST = 20.0, 4096
"""After so many seconds less than so many bytes a second is no transfer but a way to keep somebody waiting."""


class Allowance:
    """What is left of the seconds and bytes of a transfer; each connection draws from it."""

    def __init__(self) -> None:
        self._since = self._until = time.monotonic()
        self._bytes = self._came = 0

    def grant(self, seconds: float, most_bytes: int) -> None:
        """From now on so many seconds and bytes, headers included."""
        self._since = time.monotonic()
        self._until = self._since + seconds
        self._bytes, self._came = most_bytes, 0

    def seconds(self, wished: float | None) -> float:
        """How long one read may take; ReadTimeout if the time is up."""
        now = time.monotonic()
        left = self._until - now
        if left <= 0:
            raise httpcore.ReadTimeout("it took longer than agreed in all")
        if now - self._since > _PATIENCE_SECONDS and self._came < (now - self._since) * _SLOWEST:
            raise httpcore.ReadTimeout("it hardly sent anything")
        return left if wished is None else min(wished, left)

    def take(self, count: int) -> None:
        """Counts what came; ReadError if it is more than was agreed."""
        self._bytes -= count
        self._came += count
        if self._bytes < 0:
            raise httpcore.ReadError("it sent more than agreed")


class _Stream(httpcore.NetworkStream):
    """A connection that draws from an allowance."""

    def __init__(self, inner: httpcore.NetworkStream, allowance: Allowance) -> None:
        self._inner = inner
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As it says."""
        found = self._inner.read(max_bytes, self._allowance.seconds(timeout))
        self._allowance.take(len(found))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As it says."""
        self._inner.write(buffer, self._allowance.seconds(timeout))

    def close(self) -> None:
        """As it says."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As it says: the name that was announced is what the certificate must be for."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._allowance.seconds(timeout))
        return _Stream(inner, self._allowance)

    def get_extra_info(self, info: str) -> object:
        """As it says."""
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and to nothing else."""

    def __init__(self, allowance: Allowance, private: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._allowance = allowance
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """To the first of the host's addresses that answers."""
        trouble: Exception | None = None
        for address in addresses_of(host, port, self._private):
            wait = self._allowance.seconds(timeout)
            try:
                inner = self._inner.connect_tcp(address, port, wait, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
                continue
            return _Stream(inner, self._allowance)
        raise trouble or httpcore.ConnectError(f"{host} has no address")


class GuardedTransport(httpx.HTTPTransport):
    """How a client reaches a partner: guarded as this module says. One request at a time."""

    def __init__(self, private: bool, limits: Limits = LIMITS) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False, retries=0)
        self.limits = limits
        self.allowance = Allowance()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=2,
            keepalive_expiry=5,
            http1=True,
            http2=False,
            network_backend=_Backend(self.allowance, private),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As it says; ForbiddenAddressError if the host leads to where a service does not go."""
        asked = request.extensions.get("allow")
        seconds, most_bytes = asked if isinstance(asked, tuple) else (self.limits.answer_seconds, _ANSWER_BYTES)
        # Until the answer begins, as little as that takes: interim answers without end cost more to read than to send.
        self.allowance.grant(min(seconds, self.limits.answer_seconds), _HEADER_BYTES)
        answer = super().handle_request(request)
        self.allowance.grant(seconds, most_bytes + _HEADER_BYTES)
        return answer


_ANSWER_BYTES = 8 << 20
_HEADER_BYTES = 256 << 10
