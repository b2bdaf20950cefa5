"""One walk through the how-to: which tenants, which clients, and what the steps found out."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from azure.core.credentials import TokenCredential

from graph_client import Graph, client_secret
from syncline_server import Syncline, Tenant

HOW_TO_PERMISSIONS = [
    "Policy.Read.All",
    "Policy.ReadWrite.CrossTenantAccess",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
]


@dataclass(frozen=True)
class Variant:
    """Which Graph version each family of calls goes through."""

    name: str
    policy: str
    applications: str
    synchronization: str
    logs: str


MIXED = Variant("mixed", policy="v1.0", applications="v1.0", synchronization="beta", logs="v1.0")
ALL_V1 = Variant("v1", "v1.0", "v1.0", "v1.0", "v1.0")
ALL_BETA = Variant("beta", "beta", "beta", "beta", "beta")


@dataclass
class Walk:
    """One walk through the steps: two tenants, their clients, and what the steps found out."""

    syncline: Syncline
    variant: Variant
    source: Tenant
    target: Tenant
    source_credential: TokenCredential
    target_credential: TokenCredential
    # What a person signs in for, on either side; applications have what they were granted.
    source_scopes: list[str] | None = None
    target_scopes: list[str] | None = None
    exact_permissions: bool = False
    application_id: str = ""
    app_id: str = ""
    service_principal: str = ""
    job: str = ""
    rule: str = ""
    role: str = ""
    users: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Graph] = field(default_factory=dict)

    @classmethod
    def app_only(cls, syncline: Syncline, variant: Variant, source: Tenant, target: Tenant) -> Walk:
        return cls(
            syncline,
            variant,
            source,
            target,
            client_secret(syncline.origin, source),
            client_secret(syncline.origin, target),
        )

    def in_source(self, version: str) -> Graph:
        return self._client("source", version)

    def in_target(self, version: str) -> Graph:
        return self._client("target", version)

    def _client(self, side: str, version: str) -> Graph:
        if (side, version) not in self._clients:
            credential, scopes = (
                (self.source_credential, self.source_scopes)
                if side == "source"
                else (self.target_credential, self.target_scopes)
            )
            self._clients[side, version] = Graph(self.syncline.origin, version, credential, scopes)
        return self._clients[side, version]

    def source_reader(self) -> Graph:
        """A look behind the scenes that is no part of the walk, with the tenant's application."""
        return self._reader(self.source)

    def target_reader(self) -> Graph:
        return self._reader(self.target)

    def _reader(self, tenant: Tenant) -> Graph:
        if ("reader", tenant.id) not in self._clients:
            credential = client_secret(self.syncline.origin, tenant)
            self._clients["reader", tenant.id] = Graph(self.syncline.origin, "v1.0", credential)
        return self._clients["reader", tenant.id]


def token_claims(token: str) -> dict[str, Any]:
    """The payload of a three-part JWT."""
    _, payload, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def partner(graph: Graph, tenant_id: str) -> Any:
    partners = graph.client.policies.cross_tenant_access_policy.partners
    return partners.by_cross_tenant_access_policy_configuration_partner_tenant_id(tenant_id)


def synchronization(graph: Graph, service_principal: str) -> Any:
    return graph.client.service_principals.by_service_principal_id(
        service_principal
    ).synchronization


def job_of(walk: Walk, graph: Graph | None = None) -> Any:
    graph = graph or walk.in_source(walk.variant.synchronization)
    jobs = synchronization(graph, walk.service_principal).jobs
    return jobs.by_synchronization_job_id(walk.job)


def consent(graph: Graph, **values: Any) -> Any:
    """A partner body that sets nothing but automatic redemption."""
    return graph.model(
        "CrossTenantAccessPolicyConfigurationPartner",
        automatic_user_consent_settings=graph.model("InboundOutboundPolicyConfiguration", **values),
    )
