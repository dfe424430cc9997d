"""The policy bound to a ring of keys: one action per column, one tree per schema. Made once, then only followed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from lambda_src.pseudonymizer.policy.policy import (
    Allow,
    Limits,
    Policy,
    Pseudonymize,
    Rule,
    Rules,
    Truncate,
    Vocabulary,
    can_hold_pseudonym,
    domain_of,
)
from lambda_src.pseudonymizer.pseudonym import pseudonym_function
from lambda_src.pseudonymizer.transform.actions import Actions, TextAction
from lambda_src.pseudonymizer.transform.entities import Entities, Node
from lambda_src.pseudonymizer.transform.known_names import KnownNames
from lambda_src.pseudonymizer.transform.messages import Messages
from lambda_src.pseudonymizer.transform.times import Times
from lambda_src.pseudonymizer.transform.tracker_request import TrackerRequest
from lambda_src.pseudonymizer.transform.truncation import degree, network, two_digits, two_parts
from lambda_src.pseudonymizer.transform.urls import Urls
from wire.columns import COLUMNS, Column, ColumnKind
from wire.tracker_protocol import PARAMETERS

GRAMMAR = {
    ColumnKind.INTEGER: Vocabulary(pattern="-?[0-9]{1,10}"),
    ColumnKind.DECIMAL: Vocabulary(pattern=r"-?[0-9]{1,38}(\.[0-9]{1,38})?(E[+-]?[0-9]{1,3})?"),
    ColumnKind.FLOAT: Vocabulary(pattern=r"-?[0-9]{1,38}\.[0-9]{1,38}(E-?[0-9]{1,3})?"),
    ColumnKind.BYTE: Vocabulary(values=frozenset({"0", "1"})),
}
# The pipeline's own times. The collector's is what the window of the others is around.
_OWN_TIMES = {"collector_tstamp", "etl_tstamp"}
_COARSE: dict[str, TextAction] = {
    "ip": network,
    "coordinate": degree,
    "version": two_parts,
    "number": two_digits,
}
_ERASED_IF_OTHER = {"version", "number"}
_STEP = re.compile(r"\[\]|[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to each cell, by position, and to JSON; a JSON column is among `cells` only to be erased."""

    actions: Actions
    cells: tuple[tuple[int, TextAction], ...]
    entities: Entities
    times: Times
    limits: Limits
    old_failed_event: Node


def make(policy: Policy, ring: Sequence[bytes], *, bounds_arrays: bool = False) -> Plan:
    """Bind `policy` to a ring of keys, the oldest first; who fetched them has checked their number and lengths.

    `bounds_arrays` refuses arrays of more different values than the policy's limits allow.
    """
    folded = [name for name, domain in policy.domains.items() if domain.folds_case]
    actions = Actions(partial(pseudonym_function, ring), folded)
    times = Times(policy.times.days_before, policy.times.days_after, actions)
    entities = Entities(
        actions, KnownNames.of(policy, actions), most_in_array=policy.limits.values_in_array if bounds_arrays else None
    )
    maker = _Maker(policy, actions, entities, times)
    for criterion, properties in policy.schemas.items():
        entities.add(criterion, maker.tree(properties, str(criterion)))
    return Plan(
        actions=actions,
        cells=tuple(
            (position, maker.cell(column))
            for position, column in enumerate(COLUMNS)
            if column.kind is not ColumnKind.JSON or policy.columns[column.name] == "erase"
        ),
        entities=entities,
        times=times,
        limits=policy.limits,
        old_failed_event=maker.tree(policy.old_failed_event),
    )


class _Maker:
    """Turns rules into actions and nodes."""

    def __init__(self, policy: Policy, actions: Actions, entities: Entities, times: Times) -> None:
        self._policy = policy
        self._times = times
        self._pseudonymize = actions.pseudonymize
        self._in_domain = actions.in_domain
        self._allow = actions.allow
        self._truncate = actions.truncate
        self._entities = entities
        names = KnownNames.of(policy, actions)
        headers: dict[str, TextAction] = {}
        self._parameters: dict[str, TextAction] = {}
        self._request = TrackerRequest(entities, actions, headers=headers, parameters=self._parameters)
        self._words: dict[str, TextAction] = {
            "pseudonymize": actions.pseudonymize,
            "erase": actions.erase,
            "schema_key": names.schema_key,
            "schema_key.vendor": actions.allow_each(names.vendors, names.pseudonymize),
            "schema_key.name": actions.allow_each(names.names, names.pseudonymize),
            "property_path": names.property_path,
            "message": Messages(names, actions).message,
            "by_schema": self._request.json,
            "by_schema.base64": self._request.base64_json,
            "header": self._request.header,
            "time": times.time,
        }
        urls = Urls(
            policy, actions, {name: self._action(rule, place=f"?{name}=") for name, rule in policy.query.items()}
        )
        self._words |= {
            "url": urls.url,
            "url.scheme": urls.scheme,
            "url.host": urls.host,
            "url.port": urls.port,
            "url.path": urls.path,
            "url.query": urls.query,
            "url.fragment": urls.fragment,
        }
        # These come last: their rules may use any word.
        headers.update({name: self._action(rule, place=f"{name}:") for name, rule in policy.headers.items()})
        self._parameters.update(self._parameters_as_columns())
        self._parameters.update({name: self._action(rule, place=name) for name, rule in policy.parameters.items()})

    def cell(self, column: Column) -> TextAction:
        """Return the action on a column's cell; what is not allowed is erased where no pseudonym fits."""
        if column.name in _OWN_TIMES and self._policy.columns[column.name] == "allow":
            return self._times.own
        otherwise = self._words["pseudonymize" if can_hold_pseudonym(column) else "erase"]
        return self._column(column, otherwise)

    def tree(self, properties: Rules, place: str | None = None) -> Node:
        """Return the node of a schema's data from the rules of its property paths; `place` names the schema."""
        root = Node(self._pseudonymize, place=place)
        for path, rule in properties.items():
            node = root
            for step in _STEP.findall(path):
                if step == "[]":
                    node.items = node.items or Node(self._pseudonymize)
                    node = node.items
                else:
                    node.place = place
                    node = node.children.setdefault(step, Node(self._pseudonymize))
            self._apply(rule, node, f"{place or 'old_failed_event'} {path}")
        return root

    def _apply(self, rule: Rule, node: Node, place: str) -> None:
        match rule:
            case "columns":
                node.children = {column.name: Node(self._column_in_json(column)) for column in COLUMNS}
            case "parameters":
                node.children = {name: Node(action) for name, action in self._parameters.items()}
            case "parameter":
                node.whole = self._request.parameter
            case "by_schema":
                node.action = self._words["by_schema"]
                node.items = self._entities.unnamed
                node.whole = self._entities.unnamed_object
            case _:
                node.action = self._action(rule, place=place)

    def _column(self, column: Column, otherwise: TextAction) -> TextAction:
        rule = self._policy.columns[column.name]
        if rule == "allow" and column.kind is ColumnKind.TIMESTAMP:
            return self._times.column
        if rule == "allow":
            return self._allow(GRAMMAR[column.kind], otherwise)
        return self._action(rule, otherwise, column.name)

    def _column_in_json(self, column: Column) -> TextAction:
        """Return the action on a column's value in a failed event, where there is room for a pseudonym everywhere.

        A sender can write JSON that looks like a failed event: what it says is derived is a text like any other.
        """
        domain = domain_of(self._policy.columns[column.name])
        if domain is not None and self._policy.domains[domain].holds == "derived":
            return self._pseudonymize
        return self._column(column, self._pseudonymize)

    def _parameters_as_columns(self) -> dict[str, TextAction]:
        columns = {column.name: column for column in COLUMNS}
        return {
            name: self._column(columns[parameter.columns[0]], self._pseudonymize)
            for name, parameter in PARAMETERS.items()
            if parameter.columns
        }

    def _action(self, rule: Rule, otherwise: TextAction | None = None, place: str = "") -> TextAction:
        match rule:
            case Pseudonymize(domain):
                return self._in_domain(domain)
            case Allow():
                vocabulary = self._policy.vocabularies[rule.allow] if isinstance(rule.allow, str) else rule.allow
                return self._allow(vocabulary, self._otherwise(rule, otherwise), place=place)
            case Truncate(truncate="time"):
                return self._times.minute
            case Truncate():
                if rule.truncate in _ERASED_IF_OTHER:
                    otherwise = self._words["erase"]
                is_version = rule.truncate == "version"
                return self._truncate(_COARSE[rule.truncate], otherwise or self._pseudonymize, recurring=is_version)
        return self._words[rule]

    def _otherwise(self, rule: Allow, otherwise: TextAction | None) -> TextAction:
        return self._action(rule.otherwise) if rule.otherwise is not None else otherwise or self._pseudonymize
