"""The request that a failed event carries: its headers, its parameters, and the JSON in their texts."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

import pybase64

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.policy.domains import NAME
from lambda_src.pseudonymizer.transform import json_text
from lambda_src.pseudonymizer.transform.actions import Actions, TextAction
from lambda_src.pseudonymizer.transform.entities import Entities, Node

# A failed event holds a request, whose body is a text of JSON, in which contexts are one again. Each such text in a
# text doubles what a quotation mark needs: without an end, a short text could grow to gigabytes.
MOST_TEXTS_IN_TEXTS = 2


class TrackerRequest:
    """Actions on a request's texts. A text that does not have the expected form is pseudonymized whole."""

    def __init__(
        self,
        entities: Entities,
        actions: Actions,
        *,
        headers: Mapping[str, TextAction],
        parameters: Mapping[str, TextAction],
    ) -> None:
        """`headers` are the actions by lower-case header name, `parameters` those by parameter name."""
        self._entities = entities
        self._actions = actions
        self._hide_name = actions.in_domain(NAME)
        self._headers = headers
        self._parameters = parameters
        self._texts = 0

    def json(self, text: str) -> str:
        """Treat the text of a self-describing JSON by its schema."""
        try:
            return self._json(text)
        except UnprocessableError as problem:
            return self._unreadable(text, problem)

    def base64_json(self, text: str) -> str:
        """Treat a self-describing JSON in base64url, which trackers write with or without padding."""
        unpadded = text.rstrip("=")
        try:
            decoded = pybase64.b64decode(unpadded + "=" * (-len(unpadded) % 4), altchars=b"-_", validate=True)
            return urlsafe_b64encode(self._json(decoded.decode()).encode()).decode().rstrip("=")
        except UnprocessableError as problem:
            return self._unreadable(text, problem)
        except ValueError:
            return self._actions.pseudonymize(text)

    def header(self, text: str) -> str:
        """Treat a line `Name: value`; show the name, in lower case, when the policy lists it."""
        name, _, value = text.partition(":")
        action = self._headers.get(name.lower())
        if action is None:
            return self._actions.pseudonymize(text)
        return f"{self._actions.allowed(name.lower())}: {action(value.strip()) or ''}"

    def parameter(self, value: dict[str, object]) -> object:
        """Treat an object `{"name": …, "value": …}` as the parameter of that name."""
        if value.keys() != {"name", "value"} or not isinstance(name := value["name"], str):
            return self._entities.unnamed_object(value)
        action = self._parameters.get(name)
        if action is None:
            shown, action = self._hide_name(name), self._actions.hide_unnamed
        else:
            shown = self._actions.allowed(name)
        return {"name": shown, "value": self._entities.value(value["value"], Node(action))}

    def _unreadable(self, text: str, problem: UnprocessableError) -> str:
        if problem.reason is Reason.TOO_MANY_VALUES:
            raise problem
        return self._actions.pseudonymize(text)

    def _json(self, text: str) -> str:
        if self._texts == MOST_TEXTS_IN_TEXTS:
            raise UnprocessableError(Reason.NESTED_TOO_DEEP)
        self._texts += 1
        try:
            return json_text.encode(self._entities.self_describing(json_text.decode(text))).decode()
        finally:
            self._texts -= 1
