"""What runs here: the build, and the configuration as it was read. For --version and --check-config."""

import hashlib
import platform
from pathlib import Path

import httptools
import msgspec
import uvloop

from services.collector import NAME
from services.collector.config import file as config_file
from services.collector.config import machine

# The bundle has no metadata of packages.
_LIBRARIES = (httptools, msgspec, uvloop)


def build() -> str:
    """Describe the build in two lines."""
    libraries = ", ".join(f"{library.__name__} {library.__version__}" for library in _LIBRARIES)
    return f"{NAME}\nPython {platform.python_version()} on {platform.machine()}, {libraries}"


def configuration(path: Path) -> str:
    """Describe a file: its digest, what it asks for, and what of it asks for nothing.

    Raises ConfigError, also when this machine cannot do what it asks for.
    """
    config = config_file.load(path)
    machine.check(config, path)
    streams = config.streams
    on = {
        "redirects": config.enable_default_redirect,
        "durable answers": config.durable,
        "spill": config.spill is not None,
        "metrics": config.metrics is not None,
        "cookie": config.cookie.enabled,
        "cookie bounce": config.cookie_bounce.enabled,
        "do-not-track": config.do_not_track_cookie.enabled,
        "HSTS": config.hsts.enable,
    }
    lines = [
        f"{path}: valid, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}",
        f"  serves {config.interface}:{config.port}, writes {streams.good.name} and {streams.bad.name}",
        f"  on: {', '.join(name for name, is_on in on.items() if is_on) or 'nothing beyond the defaults'}",
    ]
    if unused := config_file.unused(path):
        lines.append(f"  asks for nothing here: {', '.join(unused)}")
    return "\n".join(lines)
