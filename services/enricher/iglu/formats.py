"""The formats of a JSON Schema as Iglu's validator checks them (networknt 1.0.76, found out by running it).

It checks more than draft 4 knows (`color`, `phone`, …), some of it by rules of its own: a `time` has no zone, an e-mail
needs a top-level domain of IANA's list of 2018, which Apache Commons Validator brought. A format of another name, such
as `regex`, is not checked.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from pathlib import Path

from services.enricher.fields.parameters import UUID

_TOP_LEVEL_DOMAINS = frozenset((Path(__file__).parent / "top_level_domains.txt").read_text().split())
# As the validator knows them: two of these years are not those of the real leap seconds.
_YEARS_OF_LEAP_SECONDS = {
    6: {1972, 1981, 1982, 1983, 1985, 1992, 1993, 1994, 1997, 2012, 2015},
    12: {*range(1971, 1979), 1988, 1989, 1990, 1995, 1998, 2005, 2008, 2016},
}
_DATE = re.compile(r"([+-]?)([0-9]{4,10})-([0-9]{2})-([0-9]{2})")
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{0,9})?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_HOUR, _DAY, _LAST_OFFSET = 60, 24 * 60, 18 * 60  # in minutes
_SHORT_YEAR, _LAST_YEAR, _LAST_SECOND, _LEAP_SECOND = 4, 999_999_999, 59, 60
_CYCLE = 400  # years after which the calendar repeats
_BLANKS = "".join(map(chr, range(33)))

_PATH = r"A-Za-z0-9._~\-%!$&'()*+,;=:@/"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:(?://(?:[A-Za-z0-9._~\-%!$&'()*+,;=:]*@)?[A-Za-z0-9._~\-!$&'()*+,;=%:\[\]]*)?"
    rf"[{_PATH}]*(?:\?[{_PATH}?]*)?(?:#[{_PATH}?]*)?"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+((?=[A-Za-z]){_LABEL})\.?")
_LONGEST_DOMAIN, _LONGEST_USER = 253, 64
_LINE_ENDS = r"\n\r\x85\u2028\u2029"
_MAIL = re.compile(rf"[ \t\n\x0b\f\r]*?([^{_LINE_ENDS}]+)@([^{_LINE_ENDS}]+?)[ \t\n\x0b\f\r]*")
_WORD = (
    rf"(?:(?:\\[^{_LINE_ENDS}]|[^\x00- \x7f()<>@,;:'\\\".\[\]]|')+"
    r'|"(?:\\"|[^"])*")'
)
_USER = re.compile(rf"[ \t\n\x0b\f\r]*{_WORD}(?:\.{_WORD})*")
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_SPACE = r"[ \t\n\x0b\f\r]*"
_COMMA = rf"{_SPACE},{_SPACE}"
_PERCENT = "(?:100%|[0-9]?[0-9]%)+"
_NAMES = "aqua|black|blue|fuchsia|gray|green|lime|maroon|navy|olive|orange|purple|red|silver|teal|white|yellow"
_PATTERNS = {
    "time": r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?",
    "ip-address": r"(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})",
    "alpha": "[a-zA-Z]+",
    "alphanumeric": "[a-zA-Z0-9]+",
    "phone": r"\+(?:[0-9] ?){6,14}[0-9]",
    "utc-millisec": r"[0-9]+(?:\.[0-9]+)?",
    "color": rf"#?[0-9A-Fa-f]{{3,6}}|{_NAMES}|rgb\({_SPACE}{_BYTE}{_COMMA}{_BYTE}{_COMMA}{_BYTE}{_SPACE}\)"
    rf"|rgb\({_SPACE}{_PERCENT}{_COMMA}{_PERCENT}{_COMMA}{_PERCENT}{_SPACE}\)",
}  # fmt: skip
# What the schema validator knows beyond Iglu's.
_UNCHECKED = (
    "regex", "json-pointer", "relative-json-pointer", "uri-reference", "uri-template", "iri", "iri-reference",
    "idn-email", "idn-hostname", "duration",
)  # fmt: skip


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    sign, digits, month, day = match.groups()
    year = int(digits)
    if (len(digits) > _SHORT_YEAR) != bool(sign) and sign != "-":
        return False
    if year > _LAST_YEAR or (sign == "-" and year == 0):
        return False
    return _is_day(-year if sign == "-" else year, int(month), int(day))


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year % _CYCLE + _CYCLE, month)[1]


def _is_date_time(text: str) -> bool:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    sign, hours, minutes = match.groups("0")[6:]
    offset = int(hours) * _HOUR + int(minutes)
    if offset > _LAST_OFFSET or int(minutes) >= _HOUR or (sign == "-" and offset == 0):
        return False
    if not _is_day(year, month, day) or hour * _HOUR + minute >= _DAY or minute >= _HOUR or second > _LEAP_SECOND:
        return False
    return second <= _LAST_SECOND or _is_leap_second(
        year, month, day, hour * _HOUR + minute, offset * (-1 if sign == "-" else 1)
    )


def _is_leap_second(year: int, month: int, day: int, minute: int, offset: int) -> bool:
    """Return whether the validator knows of a second inserted after this minute, which is `offset` minutes before UTC.

    It takes the day as it is written, whatever the offset.
    """
    is_last = day == monthrange(year % _CYCLE + _CYCLE, month)[1] and (minute - offset) % _DAY == _DAY - 1
    return is_last and year in _YEARS_OF_LEAP_SECONDS.get(month, ())


def _is_ipv4(text: str) -> bool:
    try:
        return bool(IPv4Address(text).packed)
    except AddressValueError:
        return False


def _is_ipv6(text: str) -> bool:
    try:
        return text.strip(_BLANKS) == text and "%" not in text and bool(IPv6Address(text).packed)
    except AddressValueError:
        return False


def _is_email(text: str) -> bool:
    match = None if text.endswith(".") else _MAIL.fullmatch(text)
    if match is None:
        return False
    user, domain = match.groups()
    if len(user.encode("utf-16-le", "surrogatepass")) // 2 > _LONGEST_USER or not _USER.fullmatch(user):
        return False
    if domain.startswith("[") and domain.endswith("]"):
        return _is_ipv4(domain[1:-1]) or _is_ipv6(domain[1:-1])
    domain = _in_ascii(domain)
    of_domain = _DOMAIN.fullmatch(domain) if len(domain) <= _LONGEST_DOMAIN else None
    return of_domain is not None and of_domain[1].lower() in _TOP_LEVEL_DOMAINS


def _in_ascii(domain: str) -> str:
    """Return an internationalised domain as the name server knows it (IDNA 2003), or itself if it is none."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _is_style(text: str) -> bool:
    """Return whether there is a name, a colon and a value without semicolons, one of which may end it."""
    whole = text.removesuffix(";")
    blank = len(whole) - len(whole.lstrip(" \t\n\x0b\f\r"))
    colon = whole.find(":", max(whole.rfind(";") + 1, 1))
    while colon >= 0:
        name = whole[:colon]
        ends = [place for place in map(name.rfind, "\n\r\x85\u2028\u2029") if place >= 0]
        if (not ends or max(ends) < min(blank, colon - 1)) and colon + 1 < len(whole):
            return True
        colon = whole.find(":", colon + 1)
    return False


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


FORMATS: dict[str, Callable[[str], bool]] = {
    **{name: _matches(pattern) for name, pattern in _PATTERNS.items()},
    **dict.fromkeys(_UNCHECKED, lambda _text: True),
    "date": _is_date,
    "date-time": _is_date_time,
    "email": _is_email,
    "hostname": lambda text: _HOSTNAME.fullmatch(text) is not None,
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "style": _is_style,
    "uri": lambda text: _URI.fullmatch(text) is not None,
    "uuid": lambda text: UUID.fullmatch(text) is not None,
}
