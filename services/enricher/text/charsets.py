"""The encodings that a record can name for its querystring, under the names that Java knows them by.

A collector writes UTF-8. Anything else comes from another program, and Enrich decodes by it or fails the record.
"""

from functools import partial

from wire import utf8
from wire.querystring import Decode

_NAMES = {
    "ascii": "us-ascii ascii us ansi_x3.4-1968 ansi_x3.4-1986 iso646-us ascii7 cp367 ibm367 646 default",
    "iso8859-1": "iso-8859-1 iso8859-1 iso_8859-1 iso8859_1 iso_8859_1 8859_1 latin1 l1 cp819 ibm819 ibm-819 819",
    "iso8859-2": "iso-8859-2 iso8859-2 iso_8859-2 iso8859_2 8859_2 latin2 l2 cp912 ibm912",
    "iso8859-5": "iso-8859-5 iso8859-5 iso_8859-5 iso8859_5 8859_5 cyrillic cp915 ibm915",
    "iso8859-7": "iso-8859-7 iso8859-7 iso_8859-7 iso8859_7 8859_7 greek cp813 ibm813",
    "iso8859-9": "iso-8859-9 iso8859-9 iso_8859-9 iso8859_9 8859_9 latin5 l5 cp920 ibm920",
    "iso8859-15": "iso-8859-15 iso8859-15 iso_8859-15 iso8859_15 8859_15 latin-9 latin9 l9 cp923 ibm923",
    "koi8-r": "koi8-r koi8_r koi8",
    "cp1250": "windows-1250 cp1250 cp5346",
    "cp1251": "windows-1251 cp1251 cp5347 ansi-1251",
    "cp1252": "windows-1252 cp1252 cp5348 ibm1252 ibm-1252",
    "cp1253": "windows-1253 cp1253 cp5349",
    "cp1254": "windows-1254 cp1254 cp5350",
    "cp1257": "windows-1257 cp1257 cp5353",
    "shift_jis": "shift_jis shift-jis sjis x-sjis ms_kanji",
    "euc_jp": "euc-jp euc_jp eucjp eucjis x-euc-jp",
    "euc_kr": "euc-kr euc_kr euckr ksc5601 ks_c_5601-1987 5601",
    "gb18030": "gb18030 gb18030-2022",
    "gbk": "gbk cp936 windows-936",
    "big5": "big5",
    "utf-16-be": "utf-16be utf_16be x-utf-16be unicodebigunmarked iso-10646-ucs-2",
    "utf-16-le": "utf-16le utf_16le x-utf-16le unicodelittleunmarked",
}


def _utf16(octets: bytes) -> str:
    """Decode by the byte order mark, big-endian without one."""
    little_endian = octets.startswith(b"\xff\xfe")
    if little_endian or octets.startswith(b"\xfe\xff"):
        octets = octets[2:]
    return octets.decode("utf-16-le" if little_endian else "utf-16-be", errors="replace")


def _decode(codec: str, octets: bytes) -> str:
    return octets.decode(codec, errors="replace")


_DECODERS: dict[str, Decode] = {
    **{name: partial(_decode, codec) for codec, names in _NAMES.items() for name in names.split()},
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), utf8.decode),
    **dict.fromkeys(("utf-16", "utf_16", "utf16", "unicode", "unicodebig"), _utf16),
}


def decoder(name: str) -> Decode | None:
    """Return what decodes bytes of this encoding, invalid ones to U+FFFD; None if the name is not known."""
    return _DECODERS.get(name.lower())
