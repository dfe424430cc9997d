"""Endpoint and credentials by botocore's own rules: environment, files, instance metadata, with renewal.

botocore blocks while it asks the instance's metadata, so it is asked on a thread and ahead of time.
"""

import asyncio

import botocore.session
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

from services.collector.defects import log_defect

_LOOK_EVERY_SECONDS = 60  # botocore renews temporary credentials from 15 minutes before their end


class CredentialsMissingError(Exception):
    """No provider of botocore's chain has credentials."""


class CredentialProvider:
    """The current credentials, always at hand."""

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        self._current: ReadOnlyCredentials | None = None

    def endpoint(self, region: str) -> str:
        """Return Kinesis's URL in the region, or `AWS_ENDPOINT_URL[_KINESIS]`. Blocks for about 100 ms."""
        client = self._session.create_client(
            "kinesis", region_name=region, config=Config(signature_version=botocore.UNSIGNED)
        )
        return str(client.meta.endpoint_url)

    def current(self) -> ReadOnlyCredentials:
        """Return the credentials. Raises CredentialsMissingError."""
        if self._current is None:
            raise CredentialsMissingError
        return self._current

    async def renew(self) -> None:
        """Look for new credentials; without them the old ones stay."""
        try:
            await asyncio.to_thread(self._look)
        except Exception as error:  # noqa: BLE001  # the old ones may still hold, and the text may quote a secret
            log_defect("credentials cannot be renewed", error)

    async def renew_for_ever(self) -> None:
        """Look for new credentials every minute, and every second while there are none."""
        while True:
            await asyncio.sleep(1 if self._current is None else _LOOK_EVERY_SECONDS)
            await self.renew()

    def _look(self) -> None:
        found = self._session.get_credentials()  # which botocore keeps, and looks for again while it has none
        now = found.get_frozen_credentials() if found is not None else None
        if now is not None and now.access_key and now.secret_key:
            self._current = now
