"""Mail addresses in the form that mail servers accept. No imports from Django, because the settings use this too."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr


class UnusableAddressError(ValueError):
    """An address that cannot be written into a mail."""


def ascii_address(address: str) -> str:
    """Return the address with its domain in punycode. Raise UnusableAddressError unless the local part is ASCII."""
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
        parts = Address(addr_spec=plain)
    except (MessageError, ValueError, IndexError) as error:
        raise UnusableAddressError("address") from error
    if not (parts.username and parts.domain):
        raise UnusableAddressError("address")
    return plain


def address_in(sender: str) -> str:
    """Return the address in "address" or "Name <address>"."""
    return ascii_address(parseaddr(sender)[1])
