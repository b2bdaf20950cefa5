"""The official Graph clients for Python, pointed at a private server and otherwise unmodified."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Awaitable
from typing import Any

import httpx
import pytest
from azure.core.credentials import TokenCredential
from azure.identity import ClientSecretCredential
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_http.kiota_client_factory import KiotaClientFactory
from msgraph_core import GraphClientFactory

from syncline_server import Tenant

PACKAGES = {"v1.0": "msgraph", "beta": "msgraph_beta"}


def client_secret(origin: str, tenant: Tenant) -> ClientSecretCredential:
    """Signs in as the tenant's own application; the flag keeps the library off public hosts."""
    return ClientSecretCredential(
        tenant.id,
        tenant.client_id,
        tenant.client_secret,
        authority=origin,
        disable_instance_discovery=True,
    )


class Graph:
    """One Graph client (v1.0 or beta); `last` is the raw answer of its most recent call."""

    def __init__(
        self,
        origin: str,
        version: str,
        credential: TokenCredential,
        scopes: list[str] | None = None,
    ) -> None:
        self.base = f"{origin}/{version}"
        self._package = PACKAGES[version]
        sdk = importlib.import_module(self._package)
        http = KiotaClientFactory.get_default_client()
        http.event_hooks = {"response": [self._remember]}
        self._adapter = sdk.GraphRequestAdapter(
            AzureIdentityAuthenticationProvider(
                credential,
                scopes=scopes or [f"{origin}/.default"],
                allowed_hosts=["localhost"],
            ),
            client=GraphClientFactory.create_with_default_middleware(client=http),
        )
        self._adapter.base_url = self.base
        self.client = sdk.GraphServiceClient(request_adapter=self._adapter)
        self.last: httpx.Response | None = None

    def model(self, name: str, /, **values: Any) -> Any:
        """A model of this client's own package, by its type name."""
        return self._construct(f"models.{_snake(name)}", name, values)

    def body(self, folder: str, name: str, /, **values: Any) -> Any:
        """The request body of an action; it lives beside the action's request builder."""
        return self._construct(f"{folder}.{_snake(name)}", name, values)

    def enum(self, name: str, member: str) -> Any:
        module = importlib.import_module(f"{self._package}.generated.models.{_snake(name)}")
        return getattr(module, name)[member]

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str | None = "application/json",
    ) -> None:
        """Sends what the typed client cannot say: PATCH where it knows PUT, no content type."""
        request = RequestInformation()
        request.http_method = Method[method]
        request.url = f"{self.base}/{path}"
        if body is not None:
            request.content = json.dumps(body).encode()
            if content_type is not None:
                request.headers.add("Content-Type", content_type)
        errors = importlib.import_module(
            f"{self._package}.generated.models.o_data_errors.o_data_error"
        )
        await self._adapter.send_no_response_content_async(request, {"XXX": errors.ODataError})

    @property
    def status(self) -> int:
        assert self.last is not None
        return self.last.status_code

    @property
    def json(self) -> Any:
        assert self.last is not None
        return self.last.json()

    async def _remember(self, response: httpx.Response) -> None:
        await response.aread()
        self.last = response

    def _construct(self, path: str, name: str, values: dict[str, Any]) -> Any:
        module = importlib.import_module(f"{self._package}.generated.{path}")
        return getattr(module, name)(**values)


def query(builder: Any, headers: dict[str, str] | None = None, **options: Any) -> Any:
    """The request configuration of a GET, e.g. `query(client.users, top=5, orderby=[...])`."""
    kind = type(builder)
    parameters = getattr(kind, f"{kind.__name__}GetQueryParameters")(**options)
    configuration = RequestConfiguration(query_parameters=parameters)
    for name, value in (headers or {}).items():
        configuration.headers.add(name, value)
    return configuration


async def refused(call: Awaitable[Any], status: int, code: str) -> Any:
    """Awaits a call that must fail, and returns the main error the client parsed."""
    error = await refused_with(call, {status})
    assert error.code == code, error
    return error


async def refused_with(call: Awaitable[Any], statuses: set[int]) -> Any:
    """As `refused`, where the how-to leaves the code open."""
    with pytest.raises(APIError) as caught:
        await call
    assert caught.value.response_status_code in statuses, caught.value
    assert caught.value.error.inner_error.request_id, "every error names its request"
    return caught.value.error


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
