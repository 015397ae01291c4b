"""Stands in for Python's ssl: in a browser it is the browser that encrypts.

asyncio and anyio ask for these names when they are imported, and never use them here.
"""

HAS_SNI = False
OPENSSL_VERSION = "none"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)


class SSLError(OSError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLZeroReturnError(SSLError):
    pass


class CertificateError(SSLError, ValueError):
    pass


class SSLContext:
    pass


class SSLObject:
    pass


class SSLSocket:
    pass


class MemoryBIO:
    pass


class Purpose:
    SERVER_AUTH = CLIENT_AUTH = None


def __getattr__(name):
    if name.isupper() or name.startswith(("OP_", "PROTOCOL_", "CERT_", "VERIFY_")):
        return 0
    raise AttributeError(name)
