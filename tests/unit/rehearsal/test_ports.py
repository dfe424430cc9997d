import socket

import pytest

from scripts import demo
from scripts.localstack import LocalStack
from scripts.rehearsal import ports
from scripts.rehearsal.environment import OneMachine


def test_a_free_port_can_be_listened_on_and_is_then_taken() -> None:
    port = ports.free_port()
    ports.check_is_free(port)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ports.PortTakenError, match=f"port {port} is taken"):
        ports.check_is_free(port)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http"])
def test_an_invalid_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        ports.port_number(text)


def test_a_demo_on_a_taken_port_ends_in_one_line_before_it_does_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(LocalStack, "check_can_start", lambda _: None)  # a kept demo of this clone may be running
    monkeypatch.setattr(OneMachine, "package", lambda *_: pytest.fail("it began"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr("sys.argv", ["demo", "--port", str(port)])
        assert demo.main() == 1
    message = f"demo: port {port} is taken by another program: name another one, or none for any that is free\n"
    assert capsys.readouterr() == ("", message)
