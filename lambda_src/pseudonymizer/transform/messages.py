"""The texts that say why an event failed, rebuilt from a closed vocabulary: a value that a text quotes is left out.

Sources: Snowplow's Collector 3 and Enrich 6, and what the enricher of this repository says instead where they quote
(docs/adr/0004-validation-messages.md). A text that no template describes is a value like any other.
"""

import re
from collections.abc import Callable

from lambda_src.pseudonymizer.transform.actions import Actions
from lambda_src.pseudonymizer.transform.known_names import KnownNames

LONGEST_MESSAGE = 20_000

# {value} is left out, {count} is a number of up to 8 digits, {names} and {keyword} show known names. Of two
# templates that describe a text the first is taken.
_TEMPLATES = """
INVALID_SCHEMAVER
INVALID_IGLUURI
INVALID_DATA_PAYLOAD
INVALID_SCHEMA
INVALID_METASCHEMA
Not a valid event type
Not a valid platform
Not a valid UUID
not valid UUID
Cannot be converted to java.lang.Integer
Cannot be converted to java.math.BigDecimal. Error : not a decimal number
Cannot be converted to java.math.BigDecimal. Error : exponent out of range
Cannot be converted to java.math.BigDecimal. Error : {value}
Cannot be converted to Boolean-like java.lang.Byte
Not in the expected format: ms since epoch
Formatting as a year outside 0..9999 is not Redshift-compatible
Formatting as {value} is not Redshift-compatible
Does not conform to regex (\\d+)x(\\d+)
Could not be converted to java.lang.Integer s
Field is longer than maximum allowed size {count}
should be set
trying to extract the schema of the enriched event
corrupt compressed payload
Unsupported versions in compressed record header: {count}, {count}
error deserializing raw event: Unrecognized type {count}
error deserializing raw event: Reached end of bytes when parsing as thrift format
error deserializing raw event: Required field '{names}' was not found
error deserializing raw event: a string is not UTF-8
error deserializing raw event: negative length
error deserializing raw event: nested too deeply
error deserializing raw event: {value}
verifying record as iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-* failed: found {value}
request does not contain a path
path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request
could not extract name-value pairs from querystring with encoding UTF-8: Illegal character in query at index {count}
could not extract name-value pairs from querystring with encoding {value}
empty querystring: not a valid URI redirect
missing `u` parameter: not a valid URI redirect
empty body: not a valid tracker protocol event
empty querystring: not a valid tracker protocol event
empty body: not a valid track protocol event
expected one of application/json, application/json; charset=utf-8, application/json; charset=UTF-8
expected one of application/json, application/json; charset=utf-8, application/x-www-form-urlencoded
expected one of application/json, application/json; charset=utf-8
vendor/version combination is not supported
json is not an array
empty list of events
empty array of events
has no key-value pairs
value cannot be null
value is not a string
empty `schema` field
empty body
invalid json: maximum allowed JSON depth exceeded
invalid json: the text is not valid Unicode
invalid json: {json_defect}
invalid json: {value}
oversized collector payload: GET requests cannot be split
oversized collector payload: Payload exceeds max size of {count}. Actual length: {count}
oversized collector payload: cannot split POST requests which are not json nested too deeply
oversized collector payload: cannot split POST requests which are not json {json_defect}
oversized collector payload: cannot split POST requests which are not json {value}
oversized collector payload: cannot split POST requests which are not self-describing: schema and data are expected
oversized collector payload: cannot split POST requests which are not self-describing{value}
oversized collector payload: cannot split POST requests which do not contain a data array
oversized collector payload: cannot split this POST request because event without "data" field is still too big
oversized collector payload: this POST request split is still too large
Collector payload will exceed maximum allowed size of {count} after Gzip decompression
Collector payload will exceed maximum allowed size of {count} after Zstd decompression
Enriched event exceeds the maximum allowed size of {count} bytes
Event failed enrichment and resulting bad row exceeds the maximum allowed size of {count} bytes
the API does not answer and is not called for now
the API does not answer: {value}
the API answers with status {count}
the API's answer is larger than {count} bytes
the API's answer holds nothing at an output's JSON path
the API's answer is invalid json: maximum allowed JSON depth exceeded
the API's answer is invalid json: the text is not valid Unicode
the API's answer is invalid json: {json_defect}
the JSON path cannot be applied: {value}
Provided URI could not be parsed, neither by Java parsing {uri_defects}.
Provided URI [{value}] could not be parsed, neither by Java parsing {value}
{names}: does not fulfil {keyword} of the schema (#/{names})
"""

_URI_DEFECT = (
    r"\[(?:Illegal character(?: at index [0-9]{1,8}| in (?:scheme name|fragment|path|query|opaque part|authority))"
    r"|Malformed (?:port number|escape pair in authority)"
    r"|Expected (?:scheme name(?: at index 0)?|scheme-specific part|authority)"
    r"|not (?:a URI|a URL|a port number|an IPv6 address)|a parameter without a name"
    r"|a colon in the first segment of a relative path)\]"
)
_JSON_DEFECT = (
    "JSON is malformed: (?:invalid (?:character|number|utf-16 surrogate pair|escape character in string)"
    r"|trailing characters) \(byte [0-9]{1,8}\)|Input data was truncated"
)
_PLACEHOLDERS = {
    "value": "(.*)",
    "count": "([0-9]{1,8})",
    "names": r"([A-Za-z0-9_$*.\[\]/-]{1,256})",
    "keyword": "([A-Za-z]{1,32})",
    "uri_defects": rf"(\(error: {_URI_DEFECT}\) nor by Scala parsing \(error: {_URI_DEFECT}\))",
    "json_defect": f"({_JSON_DEFECT})",
}
_PLACEHOLDER = re.compile(r"\{(" + "|".join(_PLACEHOLDERS) + r")\}")


class Messages:
    """Rebuilds the texts of failed events."""

    def __init__(self, names: KnownNames, actions: Actions) -> None:
        self._actions = actions
        shown: dict[str, Callable[[str], str]] = {
            "value": lambda _: "<value>",
            "names": names.property_path,
            "keyword": names.property_path,
        }
        self._templates = [_Template(text, shown) for text in _TEMPLATES.strip().split("\n")]

    def message(self, text: str) -> str:
        """Return the text without what it quotes, or its pseudonym when no template describes it."""
        if len(text) <= LONGEST_MESSAGE:
            for template in self._templates:
                if (rebuilt := template.rebuild(text)) is not None:
                    return self._actions.allowed(rebuilt)
        return self._actions.pseudonymize(text)


class _Template:
    def __init__(self, text: str, shown: dict[str, Callable[[str], str]]) -> None:
        pieces = _PLACEHOLDER.split(text)
        self._fixed = pieces[::2]
        self._shown = [shown.get(placeholder, str) for placeholder in pieces[1::2]]
        pattern = "".join(
            _PLACEHOLDERS[piece] if position % 2 else re.escape(piece) for position, piece in enumerate(pieces)
        )
        self._match = re.compile(pattern, re.DOTALL | re.ASCII).fullmatch

    def rebuild(self, text: str) -> str | None:
        match = self._match(text)
        if match is None:
            return None
        shown = [show(group) for show, group in zip(self._shown, match.groups(), strict=True)]
        return self._fixed[0] + "".join(
            [part for pair in zip(shown, self._fixed[1:], strict=True) for part in pair]
        )  # fmt: skip
