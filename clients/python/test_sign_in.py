"""Every way the official libraries sign in, and what the tokens then say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import msal
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientSecretCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

import delegated
from browser import Browser, Person
from graph_client import Graph, client_secret, refused
from syncline_server import Syncline, Tenant
from walk import HOW_TO_PERMISSIONS, token_claims

DOMAIN = "contoso-sign-in.example"
OTHER_DOMAIN = "fabrikam-sign-in.example"


def prepare(syncline: Syncline) -> None:
    syncline.create_tenant(DOMAIN, "Contoso", admin=f"admin@{DOMAIN}")
    syncline.create_tenant(OTHER_DOMAIN, "Fabrikam", admin=f"admin@{OTHER_DOMAIN}")


@pytest.fixture(scope="module")
def tenant(syncline: Syncline) -> Tenant:
    return syncline.tenants[DOMAIN]


@pytest.fixture(scope="module")
def own(syncline: Syncline, tenant: Tenant) -> Graph:
    return Graph(syncline.origin, "v1.0", client_secret(syncline.origin, tenant))


def full_names(syncline: Syncline, scopes: list[str]) -> list[str]:
    return [f"{syncline.origin}/{scope}" for scope in scopes]


def test_client_secret(syncline: Syncline, tenant: Tenant) -> None:
    token = client_secret(syncline.origin, tenant).get_token(f"{syncline.origin}/.default")
    claims = token_claims(token.token)
    assert claims["tid"] == tenant.id
    assert claims["iss"] == f"{syncline.origin}/{tenant.id}/v2.0"
    assert claims["idtyp"] == "app"
    assert claims["sub"] == claims["oid"]
    assert tenant.client_id in (claims.get("appid"), claims.get("azp"))
    assert set(HOW_TO_PERMISSIONS) <= set(claims["roles"])
    assert 3600 <= claims["exp"] - claims["iat"] <= 5400


def test_wrong_secret(syncline: Syncline, tenant: Tenant) -> None:
    credential = ClientSecretCredential(
        tenant.id,
        tenant.client_id,
        "not-the-secret",
        authority=syncline.origin,
        disable_instance_discovery=True,
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token(f"{syncline.origin}/.default")


def test_unknown_tenant(syncline: Syncline, tenant: Tenant) -> None:
    credential = ClientSecretCredential(
        "11111111-2222-3333-4444-555555555555",
        tenant.client_id,
        tenant.client_secret,
        authority=syncline.origin,
        disable_instance_discovery=True,
    )
    with pytest.raises(Exception, match="(?i)AADSTS90002|tenant"):
        credential.get_token(f"{syncline.origin}/.default")


async def test_secret_of_another_tenant(syncline: Syncline, tenant: Tenant) -> None:
    other = syncline.tenants[OTHER_DOMAIN]
    credential = ClientSecretCredential(
        other.id,
        tenant.client_id,
        tenant.client_secret,
        authority=syncline.origin,
        disable_instance_discovery=True,
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS700016"):
        credential.get_token(f"{syncline.origin}/.default")


def test_discovery_document(syncline: Syncline, tenant: Tenant) -> None:
    """By tenant id and by domain, with keys behind `jwks_uri`."""
    for name in (tenant.id, tenant.domain):
        address = f"{syncline.origin}/{name}/v2.0/.well-known/openid-configuration"
        document = httpx.get(address).json()
        assert document["issuer"] == f"{syncline.origin}/{tenant.id}/v2.0"
        for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            assert document[endpoint].startswith(syncline.origin)
        (key, *_) = httpx.get(document["jwks_uri"]).json()["keys"]
        assert {"kty", "use", "kid", "n", "e"} <= set(key)
        assert key["kty"] == "RSA"


async def test_certificate(syncline: Syncline, tenant: Tenant, own: Graph) -> None:
    """A certificate that was PATCHed into the application signs in instead of the secret."""
    certificate, pem = self_signed_certificate()
    application = own.client.applications_with_app_id(tenant.client_id)
    found = await application.get()
    key = own.model(
        "KeyCredential",
        type="AsymmetricX509Cert",
        usage="Verify",
        display_name="CN=tests",
        key=certificate,
    )
    body = own.model("Application", key_credentials=[key])
    await own.client.applications.by_application_id(found.id).patch(body)
    assert own.status == 204

    credential = CertificateCredential(
        tenant.id,
        tenant.client_id,
        certificate_data=pem,
        authority=syncline.origin,
        disable_instance_discovery=True,
    )
    token = credential.get_token(f"{syncline.origin}/.default").token
    claims = token_claims(token)
    assert "2" in (claims.get("appidacr"), claims.get("azpacr"))
    assert set(HOW_TO_PERMISSIONS) <= set(claims["roles"])
    users = await Graph(syncline.origin, "v1.0", credential).client.users.get()
    assert tenant.admin in [user.user_principal_name for user in users.value]


def test_unknown_certificate(syncline: Syncline, tenant: Tenant) -> None:
    _, pem = self_signed_certificate()
    credential = CertificateCredential(
        tenant.id,
        tenant.client_id,
        certificate_data=pem,
        authority=syncline.origin,
        disable_instance_discovery=True,
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        credential.get_token(f"{syncline.origin}/.default")


async def test_device_code(syncline: Syncline, tenant: Tenant) -> None:
    """1.1: an administrator signs in for the how-to's four scopes and consents on the way."""
    person = delegated.administrator(tenant)
    device = delegated.DeviceSignIn(syncline.origin, tenant, person)
    scopes = full_names(syncline, HOW_TO_PERMISSIONS)
    claims = token_claims(device.credential.get_token(*scopes).token)
    assert set(HOW_TO_PERMISSIONS) <= set(claims["scp"].split())
    assert claims["tid"] == tenant.id
    assert delegated.GLOBAL_ADMINISTRATOR in claims["wids"]
    assert person.user_name in (claims.get("upn"), claims.get("preferred_username"))
    assert "roles" not in claims

    graph = Graph(syncline.origin, "v1.0", device.credential, scopes)
    assert (await graph.client.me.get()).user_principal_name == person.user_name
    assert (await graph.client.policies.cross_tenant_access_policy.partners.get()).value == []


def test_authorization_code_with_pkce(syncline: Syncline, tenant: Tenant) -> None:
    """1.1 with a browser and the loopback redirect; the refresh token then serves silently."""
    person = delegated.administrator(tenant)
    app = msal.PublicClientApplication(
        delegated.PUBLIC_CLIENT,
        authority=f"{syncline.origin}/{tenant.id}",
        instance_discovery=False,
    )
    # Bare names here, full ones in the device code test: both spellings are Graph's.
    flow = app.initiate_auth_code_flow(HOW_TO_PERMISSIONS, redirect_uri="http://localhost")
    assert "code_challenge_method=S256" in flow["auth_uri"]
    ending = Browser(syncline.origin, person).visit(flow["auth_uri"])
    assert ending.url.startswith("http://localhost"), ending.text
    result = app.acquire_token_by_auth_code_flow(flow, ending.query)
    assert "access_token" in result, result
    claims = token_claims(result["access_token"])
    assert set(HOW_TO_PERMISSIONS) <= set(claims["scp"].split())
    assert result["id_token_claims"]["preferred_username"] == person.user_name
    assert result["id_token_claims"]["tid"] == tenant.id

    (account,) = app.get_accounts()
    silent = app.acquire_token_silent(HOW_TO_PERMISSIONS, account, force_refresh=True)
    assert set(HOW_TO_PERMISSIONS) <= set(token_claims(silent["access_token"])["scp"].split())


async def test_authorization_code_credential(
    syncline: Syncline, tenant: Tenant, own: Graph
) -> None:
    """azure-identity redeems a code for a confidential client of our own; a code works once."""
    redirect = "http://localhost:8400/answer"
    application = await own.client.applications_with_app_id(tenant.client_id).get()
    web = own.model("WebApplication", redirect_uris=[redirect])
    await own.client.applications.by_application_id(application.id).patch(
        own.model("Application", web=web)
    )
    code = authorize(syncline, tenant, redirect).query["code"]

    def credential() -> AuthorizationCodeCredential:
        return AuthorizationCodeCredential(
            tenant.id,
            tenant.client_id,
            code,
            redirect,
            client_secret=tenant.client_secret,
            authority=syncline.origin,
            disable_instance_discovery=True,
        )

    claims = token_claims(credential().get_token(f"{syncline.origin}/User.Read").token)
    assert "User.Read" in claims["scp"].split()
    with pytest.raises(ClientAuthenticationError, match="AADSTS"):
        credential().get_token(f"{syncline.origin}/User.Read")


def authorize(syncline: Syncline, tenant: Tenant, redirect: str):
    address = httpx.URL(
        f"{syncline.origin}/{tenant.id}/oauth2/v2.0/authorize",
        params={
            "client_id": tenant.client_id,
            "response_type": "code",
            "redirect_uri": redirect,
            "scope": f"openid offline_access {syncline.origin}/User.Read",
            "state": "asked",
        },
    )
    ending = Browser(syncline.origin, delegated.administrator(tenant)).visit(str(address))
    assert ending.url.startswith(redirect), ending.text
    assert ending.query["state"] == "asked"
    return ending


def test_wrong_password(syncline: Syncline, tenant: Tenant) -> None:
    """No code leaves the sign-in page."""
    person = Person(delegated.administrator(tenant).user_name, "not-the-password")
    app = msal.PublicClientApplication(
        delegated.PUBLIC_CLIENT,
        authority=f"{syncline.origin}/{tenant.id}",
        instance_discovery=False,
    )
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri="http://localhost")
    try:
        ending = Browser(syncline.origin, person).visit(flow["auth_uri"])
    except AssertionError:
        return  # the page asked again and again, which is an answer too
    assert "code" not in ending.query


async def test_consent(syncline: Syncline, own: Graph) -> None:
    """1.3: somebody without a role needs an administrator's consent first, then may sign in."""
    tenant = syncline.tenants[OTHER_DOMAIN]
    graph = Graph(syncline.origin, "v1.0", client_secret(syncline.origin, tenant))
    person = await delegated.create_person(graph, tenant, "nobody", [])
    scopes = full_names(syncline, HOW_TO_PERMISSIONS)
    app = msal.PublicClientApplication(
        delegated.PUBLIC_CLIENT,
        authority=f"{syncline.origin}/{tenant.id}",
        instance_discovery=False,
    )

    def sign_in():
        flow = app.initiate_auth_code_flow(HOW_TO_PERMISSIONS, redirect_uri="http://localhost")
        return flow, Browser(syncline.origin, person).visit(flow["auth_uri"])

    _, refusal = sign_in()
    assert "code" not in refusal.query
    said = (
        refusal.text + refusal.query.get("error_description", "") + refusal.query.get("error", "")
    )
    assert any(sign in said for sign in ("AADSTS65001", "AADSTS90094", "interaction_required")) or (
        "admin approval" in said.lower()
    ), said

    agreed = delegated.admin_consent(syncline.origin, tenant, scopes)
    assert agreed.url.startswith("http://localhost"), agreed.text
    assert agreed.query["admin_consent"] == "True"
    assert agreed.query["tenant"] == tenant.id
    assert agreed.query["state"] == "asked"

    flow, ending = sign_in()
    result = app.acquire_token_by_auth_code_flow(flow, ending.query)
    assert set(HOW_TO_PERMISSIONS) <= set(token_claims(result["access_token"])["scp"].split())

    # T.1: the scopes are there, the directory role is not.
    device = delegated.DeviceSignIn(syncline.origin, tenant, person)
    without_role = Graph(syncline.origin, "v1.0", device.credential, scopes)
    partners = without_role.client.policies.cross_tenant_access_policy.partners
    body = without_role.model(
        "CrossTenantAccessPolicyConfigurationPartner", tenant_id=syncline.tenants[DOMAIN].id
    )
    error = await refused(partners.post(body), 403, "Authorization_RequestDenied")
    assert error.message == "Insufficient privileges to complete the operation."


def test_bad_tokens(syncline: Syncline, tenant: Tenant) -> None:
    """Missing, malformed and tampered tokens get 401 in Graph's envelope."""
    address = f"{syncline.origin}/v1.0/users"
    good = client_secret(syncline.origin, tenant).get_token(f"{syncline.origin}/.default").token
    header, payload, signature = good.split(".")
    tampered = f"{header}.{payload}.{signature[::-1]}"
    for headers in (
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer {tampered}"},
        {"Authorization": f"Basic {good}"},
    ):
        answer = httpx.get(address, headers=headers)
        assert answer.status_code == 401, headers
        assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
        assert answer.json()["error"]["innerError"]["request-id"]
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert httpx.get(address, headers={"Authorization": f"Bearer {good}"}).status_code == 200


def self_signed_certificate() -> tuple[bytes, bytes]:
    """The certificate as DER, and certificate with private key as PEM."""
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .sign(private_key, hashes.SHA256())
    )
    pem = private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    return certificate.public_bytes(serialization.Encoding.DER), pem
