"""LocalStack's Lambda with AWS's limit on the size of a synchronous request, which LocalStack does not check."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any

from localstack.aws.api import handler
from localstack.aws.api.lambda_ import InvalidParameterValueException, InvocationType, RequestTooLargeException
from localstack.services.lambda_.provider import LambdaProvider

if TYPE_CHECKING:
    from localstack.aws.api import RequestContext
    from localstack.aws.api.lambda_ import InvocationResponse

MAX_REQUEST_BYTES = 6 * 1024 * 1024
_SYNCHRONOUS = (None, InvocationType.RequestResponse)
# LocalStack would describe them, and a function's process would have nothing of them.
_UNSUPPORTED = (
    "CapacityProviderConfig",
    "CodeSigningConfigArn",
    "DurableConfig",
    "FileSystemConfigs",
    "ImageConfig",
    "Layers",
    "TenancyConfig",
)


class SizeLimitedLambdaProvider(LambdaProvider):
    """Refuses a synchronous request over 6 MB before the function is called, as AWS does; keeps functions' keys."""

    def __init__(self) -> None:
        super().__init__()
        self._kms_key_arns: dict[str, str] = {}  # by the function's ARN, without version or alias

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

    @handler("CreateFunction", expand=False)
    def create_function(  # type: ignore[override] # the unexpanded form of the operation
        self, context: RequestContext, request: Any
    ) -> Any:
        """Create, and keep the key of the environment variables. Raises InvalidParameterValueException."""
        _refuse_unsupported(request)
        return self._with_key(super().create_function(context, request), request.get("KMSKeyArn"))

    @handler("UpdateFunctionConfiguration", expand=False)
    def update_function_configuration(  # type: ignore[override] # the unexpanded form of the operation
        self, context: RequestContext, request: Any
    ) -> Any:
        """Update, and keep the key when the request names one; an empty name removes it.

        Raises InvalidParameterValueException.
        """
        _refuse_unsupported(request)
        return self._with_key(super().update_function_configuration(context, request), request.get("KMSKeyArn"))

    def get_function(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """Describe the function with its key."""
        response = super().get_function(context, *arguments, **named)
        self._with_key(response["Configuration"])
        return response

    def get_function_configuration(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """Describe the configuration with the function's key."""
        return self._with_key(super().get_function_configuration(context, *arguments, **named))

    def _with_key(self, configuration: Any, kms_key_arn: str | None = None) -> Any:
        # LocalStack drops the key, and Terraform would set it again with every apply.
        function = ":".join(configuration["FunctionArn"].split(":")[:7])
        if kms_key_arn is not None:
            self._kms_key_arns[function] = kms_key_arn
        if key := self._kms_key_arns.get(function):
            configuration["KMSKeyArn"] = key
        return configuration


def _refuse_unsupported(request: Any) -> None:
    for name in _UNSUPPORTED:
        if request.get(name):
            raise InvalidParameterValueException(f"{name} is not supported here", Type="User")
