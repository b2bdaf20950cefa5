"""People who sign in: their accounts, their directory roles, and the device code flow."""

from __future__ import annotations

from azure.identity import DeviceCodeCredential

from browser import Browser, Ending, Person
from graph_client import Graph
from syncline_server import Tenant

# The public client that Graph PowerShell signs in with; every tenant knows it.
PUBLIC_CLIENT = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
SECURITY_ADMINISTRATOR = "194ae4cb-b126-40b2-bd5b-6091b380977d"
HYBRID_IDENTITY_ADMINISTRATOR = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"
PASSWORD = "Correct-Horse-7-Battery"


def administrator(tenant: Tenant) -> Person:
    assert tenant.admin and tenant.admin_password, "the tenant was made without --admin"
    return Person(tenant.admin, tenant.admin_password)


async def create_person(graph: Graph, tenant: Tenant, name: str, roles: list[str]) -> Person:
    """A user with a password and the given directory roles."""
    user = await graph.client.users.post(
        graph.model(
            "User",
            account_enabled=True,
            display_name=name,
            mail_nickname=name,
            user_principal_name=f"{name}@{tenant.domain}",
            password_profile=graph.model(
                "PasswordProfile", password=PASSWORD, force_change_password_next_sign_in=False
            ),
        )
    )
    assignments = graph.client.role_management.directory.role_assignments
    for role in roles:
        await assignments.post(
            graph.model(
                "UnifiedRoleAssignment",
                role_definition_id=role,
                principal_id=user.id,
                directory_scope_id="/",
            )
        )
        assert graph.status == 201
    return Person(user.user_principal_name, PASSWORD)


class DeviceSignIn:
    """The person reads the code off the screen and types it into the verification page."""

    def __init__(self, origin: str, tenant: Tenant, person: Person) -> None:
        self.ending: Ending | None = None
        self._browser = Browser(origin, person)
        self.credential = DeviceCodeCredential(
            PUBLIC_CLIENT,
            tenant_id=tenant.id,
            authority=origin,
            disable_instance_discovery=True,
            prompt_callback=self._prompt,
            timeout=30,
        )

    def _prompt(self, verification_uri: str, user_code: str, _expires: object) -> None:
        self.ending = self._browser.visit(verification_uri, user_code)


def admin_consent(origin: str, tenant: Tenant, scopes: list[str]) -> Ending:
    """The administrator opens the consent address for the public client and agrees."""
    address = (
        f"{origin}/{tenant.id}/v2.0/adminconsent?client_id={PUBLIC_CLIENT}"
        f"&redirect_uri=http://localhost&state=asked&scope={'%20'.join(scopes)}"
    )
    return Browser(origin, administrator(tenant)).visit(address)
