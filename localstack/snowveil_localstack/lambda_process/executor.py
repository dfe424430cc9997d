"""LocalStack's hook for the process sandbox: one RuntimeExecutor is one execution environment."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

from localstack import config
from snowveil_localstack.lambda_process.runtime_packages import link_runtime_packages
from snowveil_localstack.lambda_process.sandbox import Function, Sandbox

if TYPE_CHECKING:
    from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
_LOOPBACK = "127.0.0.1"


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    """Selected by LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *_args: Any, **_kwargs: Any) -> type[RuntimeExecutor]:
        """Return the executor class."""
        link_runtime_packages(_runtime_packages())
        return ProcessRuntimeExecutor


class ProcessRuntimeExecutor(RuntimeExecutor):
    """Starts the process at the first invocation, so that an error of the function's init reaches caller and log."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - the base class's name
        super().__init__(id, function_version)
        self._sandbox: Sandbox | None = None

    def start(self, env_vars: dict[str, Any]) -> None:
        """Prepare the environment. Raises LambdaRuntimeException for a runtime other than LocalStack's own Python."""
        settings: Any = self.function_version.config  # an archive's handler and code are never None
        if settings.runtime != _RUNTIME:
            raise LambdaRuntimeException(f"runtime {settings.runtime} is not supported here, only {_RUNTIME}")
        function = Function(
            handler=settings.handler,
            version=self.function_version.id.qualifier,
            task_root=settings.code.get_unzipped_code_location(),
            timeout=settings.timeout,
            memory=settings.memory_size,
            environment={name: str(value) for name, value in env_vars.items()},
        )
        directory = Path(tempfile.gettempdir()) / "lambda-environments" / self.id
        self._sandbox = Sandbox(function, directory, _runtime_packages())

    def stop(self) -> None:
        """End the function's process."""
        if self._sandbox is not None:
            self._sandbox.close()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run the function; `payload` holds LocalStack's invoke-id, invoked-function-arn, trace-id and payload."""
        if self._sandbox is None:
            raise LambdaRuntimeException("the environment was not started")
        outcome = self._sandbox.invoke(
            payload["invoke-id"], payload["invoked-function-arn"], payload["trace-id"], payload["payload"].encode()
        )
        return InvocationResult(payload["invoke-id"], outcome.payload, is_error=outcome.is_error, logs=outcome.log)

    def get_address(self) -> str:
        """Where the function is."""
        return _LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        """Where LocalStack is, seen from the function: it becomes AWS_ENDPOINT_URL."""
        return _LOOPBACK

    def get_runtime_endpoint(self) -> str:
        """LocalStack's own callback, which a process does not use."""
        return f"http://{_LOOPBACK}:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    def get_logs(self) -> str:
        """All that the function wrote."""
        return self._sandbox.read_log() if self._sandbox is not None else ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unzip the function's code."""
        code: Any = function_version.config.code  # never None for an archive
        code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing is kept per version beyond the code, which LocalStack removes."""


def _runtime_packages() -> Path:
    return Path(tempfile.gettempdir()) / "lambda-runtime-packages"
