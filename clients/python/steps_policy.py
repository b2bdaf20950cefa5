"""Steps 1 to 4: signing in, and the two tenants allowing each other."""

from __future__ import annotations

import shapes
from graph_client import Graph, refused
from walk import HOW_TO_PERMISSIONS, Walk, consent, partner, token_claims

# -- step 1 ---------------------------------------------------------------------------------------


def step_01_sign_in(walk: Walk) -> None:
    """The tokens of both tenants name the how-to's permissions (1.1, 1.2, 1.5)."""
    for tenant, credential, scopes in (
        (walk.source, walk.source_credential, walk.source_scopes),
        (walk.target, walk.target_credential, walk.target_scopes),
    ):
        default = [f"{walk.syncline.origin}/.default"]
        claims = token_claims(credential.get_token(*(scopes or default)).token)
        assert claims["tid"] == tenant.id
        if scopes:
            assert {scope.rsplit("/", 1)[-1] for scope in scopes} <= set(claims["scp"].split())
            assert "roles" not in claims
        else:
            assert claims["idtyp"] == "app"
            assert set(HOW_TO_PERMISSIONS) <= set(claims["roles"])
            assert not walk.exact_permissions or set(HOW_TO_PERMISSIONS) == set(claims["roles"])
            assert "scp" not in claims


# -- step 2: the target allows users to be synchronized into it ------------------------------------


async def step_02_enable_user_synchronization(walk: Walk) -> None:
    graph = walk.in_target(walk.variant.policy)
    partners = graph.client.policies.cross_tenant_access_policy.partners
    of_source = partner(graph, walk.source.id)
    path = f"policies/crossTenantAccessPolicy/partners/{walk.source.id}/identitySynchronization"
    allowed = {"userSyncInbound": {"isSyncAllowed": True}}

    # 2.10: PowerShell writes the key as it was typed.
    pascal = graph.model(
        "CrossTenantAccessPolicyConfigurationPartner", additional_data={"TenantId": walk.source.id}
    )
    await partners.post(pascal)
    shapes.new_partner(graph, walk.source.id)
    await of_source.delete()
    assert graph.status == 204

    # 2.9: nothing to change yet, neither partner nor policy.
    missing = await refused(graph.send("PATCH", path, allowed), 404, "Directory_ObjectNotFound")
    assert missing.message == "Unable to read the company information from the directory."

    # 2.1 to 2.3
    body = graph.model("CrossTenantAccessPolicyConfigurationPartner", tenant_id=walk.source.id)
    created = await partners.post(body)
    assert created.tenant_id == walk.source.id
    shapes.new_partner(graph, walk.source.id)
    twice = await refused(partners.post(body), 400, "Request_MultipleObjectsWithSameKeyValue")
    assert twice.message == (
        "Another object with the same value for property tenantId already exists."
    )
    await refused(graph.send("PATCH", path, allowed), 404, "Directory_ObjectNotFound")

    # 2.5: without a display name, and without a content type.
    await graph.send("PUT", path, allowed, content_type=None)
    assert graph.status == 204
    assert (await of_source.identity_synchronization.get()).display_name is None
    await of_source.identity_synchronization.delete()

    # 2.4, 2.6
    policy = graph.model(
        "CrossTenantIdentitySyncPolicyPartner",
        display_name="Fabrikam",
        user_sync_inbound=graph.model("CrossTenantUserSyncInbound", is_sync_allowed=True),
    )
    await of_source.identity_synchronization.put(policy)
    assert graph.status == 204
    assert graph.last.content == b""
    conflict = await refused(
        of_source.identity_synchronization.put(policy),
        409,
        "Request_MultipleObjectsWithSameKeyValue",
    )
    text = (
        "A conflicting object with one or more of the specified property values is present"
        " in the directory."
    )
    assert conflict.message == text
    assert conflict.details[0].code == "ConflictingObjects"
    assert conflict.details[0].message == text

    # 2.7 on both versions, 2.8
    await graph.send("PATCH", path, allowed)
    assert graph.status == 204
    for version in ("v1.0", "beta"):
        stored = await partner(
            walk.in_target(version), walk.source.id
        ).identity_synchronization.get()
        assert stored.user_sync_inbound.is_sync_allowed is True
        assert stored.tenant_id == walk.source.id
        assert stored.display_name == "Fabrikam"


# -- steps 3 and 4: both sides redeem invitations automatically ------------------------------------


async def step_03_redeem_inbound(walk: Walk) -> None:
    graph = walk.in_target(walk.variant.policy)
    of_source = partner(graph, walk.source.id)

    # 3.3: PowerShell sends the word, not the Boolean.
    await of_source.patch(consent(graph, additional_data={"inboundAllowed": "True"}))
    assert graph.status == 204
    await _redeems(graph, walk.source.id, inbound=True, outbound=None)
    await of_source.patch(consent(graph, inbound_allowed=False))
    await _redeems(graph, walk.source.id, inbound=False, outbound=None)

    # 3.1, 3.2
    body = consent(graph, inbound_allowed=True)
    body.additional_data = {"inboundTrust": None}
    await of_source.patch(body)
    assert graph.status == 204
    await _redeems(graph, walk.source.id, inbound=True, outbound=None)
    assert graph.json["inboundTrust"] is None


async def step_04_redeem_outbound(walk: Walk) -> None:
    graph = walk.in_source(walk.variant.policy)
    partners = graph.client.policies.cross_tenant_access_policy.partners
    await partners.post(
        graph.model("CrossTenantAccessPolicyConfigurationPartner", tenant_id=walk.target.id)
    )
    shapes.new_partner(graph, walk.target.id)
    await partner(graph, walk.target.id).patch(consent(graph, outbound_allowed=True))
    assert graph.status == 204
    await _redeems(graph, walk.target.id, inbound=None, outbound=True)


async def _redeems(
    graph: Graph, tenant_id: str, inbound: bool | None, outbound: bool | None
) -> None:
    settings = (await partner(graph, tenant_id).get()).automatic_user_consent_settings
    assert (settings.inbound_allowed, settings.outbound_allowed) == (inbound, outbound)
