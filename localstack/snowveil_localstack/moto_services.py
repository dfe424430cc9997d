"""Services that moto implements and LocalStack's free edition does not offer, as LocalStack providers.

No stub is needed: the dispatch table is built from botocore's names of the operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localstack.aws.forwarder import create_aws_request_context
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services import moto as localstack_moto
from localstack.services.plugins import Service
from moto import backends
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Operation = Callable[[Any, Any], Any]

# botocore's name of a service to moto's, where they differ.
_MOTO_NAMES = {"application-autoscaling": "applicationautoscaling"}


class MotoProvider:
    """What LocalStack's state handling looks at in place of a provider."""

    def __init__(self, service: str) -> None:
        self._service = service

    def accept_state_visitor(self, visitor: Any) -> None:
        """Show the service's state."""
        get_backend: Any = backends.get_backend  # declared for literal names only
        visitor.visit(get_backend(_moto_name(self._service)))


def moto_service(name: str, operations: Mapping[str, Operation] | None = None) -> Service:
    """Offer moto's service; `operations` replace single ones, each with (context, request) -> response."""
    _route_by_moto_name()
    model = load_service(name)
    table: dict[str, Operation] = dict.fromkeys(model.operation_names, call_moto)
    table.update(operations or {})
    service = Service(name=name, skeleton=Skeleton(model, table))
    # Service takes a provider only together with a stub.
    vars(service)["_provider"] = MotoProvider(name)
    return service


def call_moto(context: Any, request: Any) -> Any:
    """Let moto answer; it is asked anew where the client speaks CBOR, as Java's clients of Kinesis do."""
    if "cbor" in context.request.headers.get("Content-Type", ""):
        return ask_moto(context, request)
    return localstack_moto.call_moto(context)


def ask_moto(context: Any, request: Any) -> Any:
    """Let moto answer a request of our own, in JSON."""
    asked = create_aws_request_context(
        service_name=context.service.service_name,
        action=context.operation.name,
        parameters=request,
        region=context.region,
        protocol="json",
    )
    # Region and account are in the headers of the request that came.
    asked.request.headers = Headers({**context.request.headers, **asked.request.headers})
    return localstack_moto.call_moto(asked)


def _moto_name(service: str) -> str:
    return _MOTO_NAMES.get(service, service)


def _route_by_moto_name() -> None:
    original = localstack_moto.load_moto_routing_table
    if getattr(original, "by_moto_name", False):
        return

    def load(service: str) -> Any:
        return original(_moto_name(service))

    load.by_moto_name = True  # type: ignore[attr-defined] # the mark that this is done
    localstack_moto.load_moto_routing_table = load
