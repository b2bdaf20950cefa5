"""Registers an application with chosen permissions, as an administrator does through Graph."""

from __future__ import annotations

from uuid import UUID

from azure.identity import ClientSecretCredential

from graph_client import Graph, query
from syncline_server import Tenant

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"


async def register(
    graph: Graph, origin: str, tenant: Tenant, name: str, permissions: list[str]
) -> ClientSecretCredential:
    """A new application that holds exactly these application permissions, signed in by secret."""
    application = await graph.client.applications.post(
        graph.model("Application", display_name=name)
    )
    assert graph.status == 201
    principal = await graph.client.service_principals.post(
        graph.model("ServicePrincipal", app_id=application.app_id)
    )
    assert graph.status == 201
    await grant(graph, principal.id, permissions)
    secret = await graph.client.applications.by_application_id(application.id).add_password.post(
        graph.body(
            "applications.item.add_password",
            "AddPasswordPostRequestBody",
            password_credential=graph.model("PasswordCredential", display_name="tests"),
        )
    )
    assert secret.secret_text
    return ClientSecretCredential(
        tenant.id,
        application.app_id,
        secret.secret_text,
        authority=origin,
        disable_instance_discovery=True,
    )


async def grant(graph: Graph, principal_id: str, permissions: list[str]) -> None:
    """Assigns app roles of the Graph service principal, found by their values."""
    principals = graph.client.service_principals
    found = await principals.get(query(principals, filter=f"appId eq '{GRAPH_APP_ID}'"))
    (resource,) = found.value
    roles = {role.value: role.id for role in resource.app_roles}
    for permission in permissions:
        await principals.by_service_principal_id(principal_id).app_role_assignments.post(
            graph.model(
                "AppRoleAssignment",
                principal_id=UUID(principal_id),
                resource_id=UUID(resource.id),
                app_role_id=roles[permission],
            )
        )
        assert graph.status == 201
