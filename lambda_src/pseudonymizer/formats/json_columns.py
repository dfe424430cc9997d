"""An event's three columns of JSON: entities in wrappers, which are self-describing themselves."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec
from msgspec.json import Decoder

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.transform import json_text
from lambda_src.pseudonymizer.transform.entities import Entities, Entity
from wire.columns import INDEX
from wire.self_describing import FlatData


# The data comes last, whatever the order was: provenance is added at its end.
class _Contexts(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    schema: Literal[
        "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
        "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1",
    ]
    data: Sequence[Entity]


class _Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    schema: Literal["iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"]
    data: Entity


type Wrapper = _Contexts | _Event


# Nearly all are of this form. It has an end: what can be read in it is not nested too deep.
class _UsualEntity(Entity):
    data: FlatData


class _UsualContexts(_Contexts):
    data: Sequence[_UsualEntity]


class _UsualEvent(_Event):
    data: _UsualEntity


_FORMS: dict[int, type[Wrapper]] = {
    INDEX["contexts"]: _Contexts,
    INDEX["unstruct_event"]: _Event,
    INDEX["derived_contexts"]: _Contexts,
}
_USUAL: dict[int, Callable[[str], Wrapper]] = {
    INDEX["contexts"]: Decoder(_UsualContexts).decode,
    INDEX["unstruct_event"]: Decoder(_UsualEvent).decode,
    INDEX["derived_contexts"]: Decoder(_UsualContexts).decode,
}
POSITIONS = frozenset(_FORMS)


class Json(msgspec.Struct, gc=False):
    """What the columns of one event hold: the wrappers by position, and all that is wrapped."""

    wrappers: dict[int, Wrapper]
    entities: list[Entity]


def read(cells: Sequence[str], positions: Iterable[int], entities: Entities) -> Json:
    """Return what the cells in these positions hold.

    Raises UnprocessableError when one that is not empty holds something else than self-describing JSON in its wrapper.
    """
    texts = {position: text for position in positions if (text := cells[position])}
    try:
        found = _json({position: _USUAL[position](text) for position, text in texts.items()})
        if json_text.holds_all(list(found.wrappers.values()), texts.values()) and entities.have_schemas(found.entities):
            return found
    except (msgspec.DecodeError, UnicodeError):
        pass  # the careful way says what it is, if it is anything
    return _json({position: _read(text, _FORMS[position], entities) for position, text in texts.items()})


def _json(wrappers: dict[int, Wrapper]) -> Json:
    entities: list[Entity] = []
    for wrapper in wrappers.values():
        if isinstance(wrapper, _Contexts):
            entities += wrapper.data
        else:
            entities.append(wrapper.data)
    return Json(wrappers, entities)


def _read(text: str, form: type[Wrapper], entities: Entities) -> Wrapper:
    try:
        wrapper = msgspec.convert(json_text.decode(text), form)
    except msgspec.ValidationError:
        raise UnprocessableError(Reason.NOT_SELF_DESCRIBING) from None
    if not entities.have_schemas(_json({0: wrapper}).entities):
        raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
    return wrapper
