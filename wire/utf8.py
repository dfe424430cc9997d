"""UTF-8 as Java decodes it: what is invalid becomes U+FFFD, and no text is refused.

Java replaces an encoded surrogate by one U+FFFD, Python by one for each of its three bytes; all other invalid bytes are
replaced alike (found out by running both).
"""

import re

# A surrogate as CESU-8 and WTF-8 encode it.
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()


def decode(octets: bytes) -> str:
    """Return the text of these bytes."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return _SURROGATE.sub(_REPLACEMENT, octets).decode(errors="replace")
