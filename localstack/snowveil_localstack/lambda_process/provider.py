"""LocalStack's Lambda with AWS's limit on the size of a synchronous request, which LocalStack does not check."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any

from localstack.aws.api.lambda_ import InvocationType, RequestTooLargeException
from localstack.services.lambda_.provider import LambdaProvider

if TYPE_CHECKING:
    from localstack.aws.api import RequestContext
    from localstack.aws.api.lambda_ import InvocationResponse

MAX_REQUEST_BYTES = 6 * 1024 * 1024
_SYNCHRONOUS = (None, InvocationType.RequestResponse)


class SizeLimitedLambdaProvider(LambdaProvider):
    """Refuses a synchronous request over 6 MB before the function is called, as AWS does."""

    def invoke(  # type: ignore[override] # LocalStack calls it with keywords
        self,
        context: RequestContext,
        function_name: str,
        invocation_type: InvocationType | None = None,
        payload: IO[bytes] | None = None,
        **parameters: Any,
    ) -> InvocationResponse:
        """Invoke. Raises RequestTooLargeException (HTTP 413)."""
        body = payload.read() if payload is not None else None
        if body is not None and len(body) > MAX_REQUEST_BYTES and invocation_type in _SYNCHRONOUS:
            text = f"Request must be smaller than {MAX_REQUEST_BYTES} bytes for the InvokeFunction operation"
            raise RequestTooLargeException(text, Type="User")
        whole = io.BytesIO(body) if body is not None else None
        return super().invoke(context, function_name, invocation_type=invocation_type, payload=whole, **parameters)
