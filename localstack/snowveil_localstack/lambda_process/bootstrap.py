"""The first code that runs in a function's process: `python -S -P bootstrap.py RUNTIME_PACKAGES HANDLER`.

`-S` leaves LocalStack's own packages out: a package missing from the function's archive is missing here as on AWS.
"""

import os
import sys
import threading


def _end_with_localstack() -> None:
    # Standard input is a pipe that LocalStack holds: it ends when LocalStack does, even by SIGKILL.
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """Load the function and serve invocations until the process is ended."""
    runtime_packages, handler = sys.argv[1:]
    threading.Thread(target=_end_with_localstack, daemon=True).start()
    # AWS's order: the function's own code first, the packages of the runtime last.
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    sys.path.append(runtime_packages)
    from awslambdaric.__main__ import main as serve

    serve(["bootstrap", handler])


if __name__ == "__main__":
    main()
