"""The texts that say why an event failed, rebuilt from a closed vocabulary: a value that a text quotes is left out.

Sources: collector and enricher of this repository, Snowplow's Collector 3 and Enrich 6, and the messages of their JSON
Schema validators (networknt's and jsonschema-rs'). A text that no template describes is a value like any other.
"""

import re
from collections.abc import Callable

from lambda_src.pseudonymizer.actions import Actions
from lambda_src.pseudonymizer.known_names import KnownNames

LONGEST_MESSAGE = 20_000

# {value} is left out, {count} is a number of up to 8 digits, {names} are property names and paths, {schema} an Iglu URI
# or criterion, {types} JSON's types. Of two templates that describe a text the first is taken.
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
Cannot be converted to java.math.BigDecimal. Error : {value}
Cannot be converted to Boolean-like java.lang.Byte
Not in the expected format: ms since epoch
Formatting as {value} is not Redshift-compatible
Does not conform to regex (\\d+)x(\\d+)
Could not be converted to java.lang.Integer s
Field is longer than maximum allowed size {count}
should be set
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
invalid json: JSON is malformed: {value} (byte {count})
invalid json: Input data was truncated
invalid json: {value}
oversized collector payload: GET requests cannot be split
oversized collector payload: Payload exceeds max size of {count}. Actual length: {count}
oversized collector payload: cannot split POST requests which are not json {value}
oversized collector payload: cannot split POST requests which are not self-describing{value}
oversized collector payload: cannot split POST requests which do not contain a data array
oversized collector payload: cannot split this POST request because event without "data" field is still too big
oversized collector payload: this POST request split is still too large
Collector payload will exceed maximum allowed size of {count} after Gzip decompression
Collector payload will exceed maximum allowed size of {count} after Zstd decompression
Enriched event exceeds the maximum allowed size of {count} bytes
Event failed enrichment and resulting bad row exceeds the maximum allowed size of {count} bytes
Provided URI {value}could not be parsed, neither by Java parsing {value}
Unexpected schema: {schema} does not match the criterion
Resolution error: schema {schema} not found
{names}: {types} found, {types} expected
{names}: is missing but it is required
{names}: is not defined in the schema and the schema does not allow additional properties
{names}: may only be {count} characters long
{names}: must be at least {count} characters long
{names}: must have a maximum value of {count}
{names}: must have a minimum value of {count}
{names}: there must be a maximum of {count} items in the array
{names}: there must be a minimum of {count} items in the array
{names}: the items in the array must be unique
{names}: does not have a value in the enumeration {value}
{names}: does not match the regex pattern {value}
{names}: does not match the {names} pattern {value}
{names}: integer found, but {types} is required
{names}: required property '{names}' not found
"{names}" is a required property
Additional properties are not allowed ({value} was unexpected)
Additional properties are not allowed ({value} were unexpected)
{value} is not of type "{types}"
{value} is not of types {types}
{value} is longer than {count} characters
{value} is longer than {count} character
{value} is shorter than {count} characters
{value} is shorter than {count} character
{value} has more than {count} items
{value} has less than {count} items
{value} is greater than the maximum of {count}
{value} is less than the minimum of {count}
{value} is not a "{format}"
{value} is not one of {value}
{value} does not match {value}
{value} has non-unique elements
{value} is not valid under any of the schemas listed in the 'anyOf' keyword
{value} is not valid under any of the schemas listed in the 'oneOf' keyword
"""

_PLACEHOLDERS = {
    "value": "(.*)",
    "count": "([0-9]{1,8})",
    "names": r"([A-Za-z0-9_$.\[\]/-]{1,256})",
    "schema": r"(iglu:[A-Za-z0-9_.\-/*]{1,400})",
    "types": r'((?:(?:string|number|integer|boolean|object|array|null|[\[\], "]){1,15}))',
    "format": "(date-time|date|time|email|ipv4|ipv6|uri|uuid|hostname|regex)",
}
_PLACEHOLDER = re.compile(r"\{(value|count|names|schema|types|format)\}")


class Messages:
    """Rebuilds the texts of failed events."""

    def __init__(self, names: KnownNames, actions: Actions) -> None:
        self._actions = actions
        shown: dict[str, Callable[[str], str]] = {
            "value": lambda _: "<value>",
            "names": names.property_path,
            "schema": names.schema_key,
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
