from snowplow_analytics_sdk.event_transformer import ENRICHED_EVENT_FIELD_TYPES

from wire.columns import COLUMNS, INDEX, ColumnKind
from wire.tracker_protocol import EVENT_TYPES, PARAMETERS, ParameterFunction


def test_the_columns_are_those_that_snowplows_own_reader_knows_in_its_order() -> None:
    names_of_2017 = {"refr_dvce_tstamp": "refr_device_tstamp"}
    names = [names_of_2017.get(column.name, column.name) for column in COLUMNS]
    assert names == [name for name, _ in ENRICHED_EVENT_FIELD_TYPES]


def test_strings_alone_have_a_length_limit() -> None:
    assert all((column.max_length is None) == (column.kind is not ColumnKind.STRING) for column in COLUMNS)


def test_every_parameter_fills_columns_that_exist() -> None:
    for parameter in PARAMETERS.values():
        assert all(column in INDEX for column in parameter.columns), parameter
        assert (parameter.function is ParameterFunction.IGNORED) == (not parameter.columns), parameter
    assert PARAMETERS["res"].columns == ("dvce_screenwidth", "dvce_screenheight")
    assert not PARAMETERS["cv"].in_body
    assert EVENT_TYPES["ue"] == "unstruct"
