"""A request's Content-Type as the record has it.

Wire contract (docs/reference/wire-contract.md): B.7 CollectorPayload.
"""

import re
from functools import lru_cache

_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_VALUE = rf'(?:{_WORD}|"(?:[^"\\]|\\.)*")'
_MEDIA_TYPE = re.compile(rf"({_WORD})/({_WORD})((?:[ \t]*;[ \t]*{_WORD}={_VALUE})*)")
_PARAMETER = re.compile(rf"({_WORD})=({_VALUE})")

# Charsets as Java names them, by the names that Java knows them under (java.nio.charset.Charset, IANA's registry):
# those of the web. Enrich takes JSON in UTF-8 only, so another name decides no more than how the refusal reads.
_CHARSETS = {
    alias: name
    for name, aliases in {
        "utf-8": "utf8 unicode-1-1-utf-8",
        "us-ascii": "ascii 646 iso646-us iso_646.irv:1991 ansi_x3.4-1968 ansi_x3.4-1986 us cp367 ibm367 csascii",
        "iso-8859-1": "latin1 l1 iso8859-1 iso8859_1 iso_8859-1 iso_8859_1 8859_1 cp819 ibm819 819 csisolatin1",
        "iso-8859-2": "latin2 l2 iso8859-2 iso8859_2 iso_8859-2 8859_2 iso-ir-101 csisolatin2",
        "iso-8859-5": "cyrillic iso8859-5 iso8859_5 iso_8859-5 8859_5 iso-ir-144 csisolatincyrillic",
        "iso-8859-7": "greek greek8 iso8859-7 iso8859_7 iso_8859-7 8859_7 iso-ir-126 ecma-118 elot_928 csisolatingreek",
        "iso-8859-9": "latin5 l5 iso8859-9 iso8859_9 iso_8859-9 8859_9 iso-ir-148 csisolatin5",
        "iso-8859-15": "latin9 l9 latin-9 iso8859-15 iso8859_15 iso_8859-15 8859_15",
        "windows-1250": "cp1250 cp5346",
        "windows-1251": "cp1251 cp5347 ansi-1251",
        "windows-1252": "cp1252 cp5348 ibm-1252 ibm1252",
        "windows-1253": "cp1253 cp5349",
        "windows-1254": "cp1254 cp5350",
        "windows-1255": "cp1255",
        "windows-1256": "cp1256",
        "windows-1257": "cp1257 cp5353",
        "windows-1258": "cp1258",
        "koi8-r": "koi8_r koi8 cskoi8r",
        "koi8-u": "koi8_u",
        "utf-16": "utf16 utf_16 unicode unicodebig",
        "utf-16be": "utf_16be x-utf-16be iso-10646-ucs-2 unicodebigunmarked",
        "utf-16le": "utf_16le x-utf-16le unicodelittleunmarked",
        "utf-32": "utf32 utf_32",
        "gb2312": "euc-cn euccn euc_cn gb2312-80 gb2312-1980 x-euc-cn",
        "gbk": "cp936 windows-936",
        "gb18030": "gb18030-2022",
        "big5": "csbig5",
        "shift_jis": "shift-jis sjis x-sjis ms_kanji csshiftjis",
        "windows-31j": "ms932 windows-932 cswindows31j",
        "euc-jp": "euc_jp eucjp eucjis x-euc-jp x-eucjp cseucpkdfmtjapanese",
        "iso-2022-jp": "iso2022jp jis jis_encoding csiso2022jp csjisencoding",
        "euc-kr": "euc_kr euckr ksc5601 ks_c_5601-1987 ksc5601-1987 ksc_5601 ksc5601_1987 5601",
        "tis-620": "tis620 tis620.2533",
    }.items()
    for alias in (name, *aliases.split())
}  # fmt: skip


@lru_cache(maxsize=64)
def normalise(header: bytes) -> bytes | None:
    """Render `type/subtype; name="value"; charset=x` in lower case, or None for what is not a content type.

    A charset is rendered by its Java name and last; one that Java does not know is left out.
    """
    match = _MEDIA_TYPE.fullmatch(header.decode("utf-8", "replace").strip(" \t"))
    if match is None or "*" in match.groups():  # `*/*` and `text/*` are ranges
        return None
    rendered, charset = f"{match[1]}/{match[2]}", ""
    for name, sent in _PARAMETER.findall(match[3]):
        value = sent[1:-1] if sent.startswith('"') else sent
        if name.lower() == "charset":
            known = _CHARSETS.get(value.lower())
            charset = "" if known is None else f"; charset={known}"
        else:
            rendered += f'; {name}="{value}"'
    return (rendered + charset).lower().encode()
