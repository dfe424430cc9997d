"""The names that the policy is made of, schema names and property names: they may be shown, everybody can read them.

A name that a client invents in their place is a value like any other.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from lambda_src.pseudonymizer.policy.domains import NAME
from lambda_src.pseudonymizer.policy.policy import Policy
from lambda_src.pseudonymizer.transform.actions import Actions
from wire.columns import COLUMNS
from wire.self_describing import Criterion, SchemaKey
from wire.tracker_protocol import PARAMETERS

_NAME_IN_A_PATH = re.compile(r"[^.\[\]/$]+")
_INDEX = re.compile("[0-9]{1,3}")
_ADDRESS = re.compile(r"[0-9][.\[\]/$]+[0-9]")  # 10.1.2.3 as a key is not four indices
_VERSION_NUMBER_LIMIT = 100  # a larger number is not a version, it is a place to hide an identifier in
_HIDDEN_VERSION = "99-0-0"  # of schemas that no criterion of the policy covers
_LONGEST_KEY = 512
_FORMAT = "jsonschema"

# Keywords of JSON Schema, the enricher's sign for a key that no schema names, and fields of the request.
_ELSEWHERE = frozenset(
    """
    properties items type enum required additionalProperties patternProperties anyOf oneOf allOf not format pattern
    minLength maxLength minimum maximum minItems maxItems uniqueItems minProperties maxProperties dependencies *
    contentType body querystring path networkUserId vendor version unstruct contexts derived_contexts u schema data
    """.split()  # noqa: SIM905 - a table of words
)


class KnownNames:
    """Which names are shown, and the pseudonyms of others in their place."""

    def __init__(self, actions: Actions, criteria: Iterable[Criterion], fields: frozenset[str]) -> None:
        self._allowed = actions.allowed
        self.pseudonymize = actions.in_domain(NAME)
        self._criteria: defaultdict[tuple[str, str, str], list[Criterion]] = defaultdict(list)
        for criterion in criteria:
            self._criteria[criterion.vendor, criterion.name, criterion.format].append(criterion)
        self.vendors = frozenset(vendor for vendor, _, _ in self._criteria)
        self.names = frozenset(name for _, name, _ in self._criteria)
        self._fields = fields

    @classmethod
    def of(cls, policy: Policy, actions: Actions) -> Self:
        """Collect the names in `policy`."""
        paths = [path for properties in policy.schemas.values() for path in properties]
        fields = {name for path in paths for name in _NAME_IN_A_PATH.findall(path)}
        known = _ELSEWHERE | fields | PARAMETERS.keys() | {column.name for column in COLUMNS}
        return cls(actions, policy.schemas, known)

    def is_schema_key(self, text: str) -> bool:
        """Return whether it is an Iglu URI, of a schema that is known or not."""
        return _schema_key(text) is not None

    def schema_key(self, text: str) -> str:
        """Show an Iglu URI that a criterion covers, of another the known names; pseudonymize what is none.

        A version that no criterion covers is not shown: its numbers are a sender's.
        """
        key = _schema_key(text)
        if key is None:
            return self.pseudonymize(text)
        plausible = max(key.model, key.revision, key.addition) < _VERSION_NUMBER_LIMIT
        if plausible and any(each.matches(key) for each in self._criteria.get((key.vendor, key.name, key.format), ())):
            return self._allowed(text)
        form = _FORMAT if key.format == _FORMAT else self.pseudonymize(key.format)
        return f"iglu:{self.vendor(key.vendor)}/{self.name(key.name)}/{form}/{_HIDDEN_VERSION}"

    def vendor(self, text: str) -> str:
        """Show the vendor of a schema in the policy."""
        return self._allowed(text) if text in self.vendors else self.pseudonymize(text)

    def name(self, text: str) -> str:
        """Show the name of a schema in the policy."""
        return self._allowed(text) if text in self.names else self.pseudonymize(text)

    def field(self, name: str, hidden: str) -> str:
        """Return the name of a property that is known from elsewhere, `hidden` for another."""
        return name if name in self._fields else hidden

    def property_path(self, text: str) -> str:
        """Show the known names of a path such as `$.items[0].price` or `/items/0/price`, and small indices."""
        indices = _ADDRESS.search(text) is None

        def shown(match: re.Match[str]) -> str:
            name = match[0]
            known = name in self._fields or (indices and _INDEX.fullmatch(name))
            return self._allowed(name) if known else self.pseudonymize(name)

        return _NAME_IN_A_PATH.sub(shown, text)


def _schema_key(text: str) -> SchemaKey | None:
    try:
        return SchemaKey.parse(text) if len(text) <= _LONGEST_KEY else None
    except ValueError:
        return None
