"""The twelve steps of Microsoft's cross-tenant synchronization how-to, one function per step.

Each step makes the how-to's call through an official client and checks what the how-to prints: the
status, the keys (nulls included) and the answers to the mistakes it describes.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import provisioning_log
import shapes
from graph_client import Graph, query, refused, refused_with
from walk import HOW_TO_PERMISSIONS, Walk, job_of, partner, synchronization, token_claims

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


def _consent(graph: Graph, **values: Any) -> Any:
    return graph.model(
        "CrossTenantAccessPolicyConfigurationPartner",
        automatic_user_consent_settings=graph.model("InboundOutboundPolicyConfiguration", **values),
    )


async def step_03_redeem_inbound(walk: Walk) -> None:
    graph = walk.in_target(walk.variant.policy)
    of_source = partner(graph, walk.source.id)

    # 3.3: PowerShell sends the word, not the Boolean.
    await of_source.patch(_consent(graph, additional_data={"inboundAllowed": "True"}))
    assert graph.status == 204
    await _redeems(graph, walk.source.id, inbound=True, outbound=None)
    await of_source.patch(_consent(graph, inbound_allowed=False))
    await _redeems(graph, walk.source.id, inbound=False, outbound=None)

    # 3.1, 3.2
    body = _consent(graph, inbound_allowed=True)
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
    await partner(graph, walk.target.id).patch(_consent(graph, outbound_allowed=True))
    assert graph.status == 204
    await _redeems(graph, walk.target.id, inbound=None, outbound=True)


async def _redeems(
    graph: Graph, tenant_id: str, inbound: bool | None, outbound: bool | None
) -> None:
    settings = (await partner(graph, tenant_id).get()).automatic_user_consent_settings
    assert (settings.inbound_allowed, settings.outbound_allowed) == (inbound, outbound)


# -- step 5: the configuration application --------------------------------------------------------


async def step_05_create_configuration(walk: Walk) -> None:
    graph = walk.in_source(walk.variant.applications)
    templates = graph.client.application_templates
    template = templates.by_application_template_id(shapes.CROSS_TENANT_TEMPLATE)
    body = graph.body(
        "application_templates.item.instantiate",
        "InstantiatePostRequestBody",
        display_name="Fabrikam",
    )

    # 5.1 to 5.4
    created = await template.instantiate.post(body)
    assert graph.status == 201
    printed = graph.json
    assert printed["@odata.context"].endswith("#microsoft.graph.applicationServicePrincipal")
    shapes.application(printed["application"])
    shapes.service_principal(printed["servicePrincipal"], printed["application"], walk.source)
    walk.application_id = created.application.id
    walk.app_id = created.application.app_id
    walk.service_principal = created.service_principal.id

    # 5.5: the property's name in the how-to's casing.
    found = await graph.client.service_principals.get(
        query(graph.client.service_principals, filter="DisplayName eq 'Fabrikam'")
    )
    assert [one.id for one in found.value] == [walk.service_principal]
    assert found.value[0].app_id == walk.app_id
    assert found.value[0].sign_in_audience == "AzureADMyOrg"
    assert graph.json["value"][0]["publisherName"] == "Contoso"

    # 5.6: a display name is not a key. The second one goes again, so that names stay clear.
    again = await template.instantiate.post(body)
    assert graph.status == 201
    assert again.service_principal.id != walk.service_principal
    assert again.application.app_id != walk.app_id
    await graph.client.service_principals.by_service_principal_id(
        again.service_principal.id
    ).delete()
    assert graph.status == 204


# -- step 6: the connection works, and says which side is missing ----------------------------------

POLICY_FAILURES = (
    "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
    "AzureDirectoryB2BManagementPolicyCheckFailure",
)


def _credentials(graph: Graph, pairs: dict[str, str]) -> list[Any]:
    return [
        graph.model(
            "SynchronizationSecretKeyStringValuePair",
            key=graph.enum("SynchronizationSecret", key),
            value=value,
        )
        for key, value in pairs.items()
    ]


async def step_06_test_connection(walk: Walk) -> None:
    graph = walk.in_source(walk.variant.synchronization)
    pairs = {"CompanyId": walk.target.id, "AuthenticationType": "SyncPolicy"}

    async def test(
        on: Graph = graph, principal: str = walk.service_principal, template: str = "Azure2Azure"
    ) -> None:
        await synchronization(on, principal).jobs.validate_credentials.post(
            on.body(
                "service_principals.item.synchronization.jobs.validate_credentials",
                "ValidateCredentialsPostRequestBody",
                use_saved_credentials=False,
                template_id=template,
                credentials=_credentials(on, pairs),
            )
        )
        assert on.status == 204

    # 6.1, 6.2: no job exists yet.
    await test()
    await test(on=walk.in_source("v1.0"))

    # 6.3: each missing permission is found, on either side.
    inbound = partner(walk.in_target(walk.variant.policy), walk.source.id)
    outbound = partner(walk.in_source(walk.variant.policy), walk.target.id)
    in_target, in_source = walk.in_target(walk.variant.policy), walk.in_source(walk.variant.policy)
    await inbound.patch(_consent(in_target, inbound_allowed=False))
    await _policy_refuses(test())
    await inbound.patch(_consent(in_target, inbound_allowed=True))
    await outbound.patch(_consent(in_source, outbound_allowed=False))
    await _policy_refuses(test())
    await outbound.patch(_consent(in_source, outbound_allowed=True))
    path = f"policies/crossTenantAccessPolicy/partners/{walk.source.id}/identitySynchronization"
    await in_target.send("PATCH", path, {"userSyncInbound": {"isSyncAllowed": False}})
    await _policy_refuses(test())
    await in_target.send("PATCH", path, {"userSyncInbound": {"isSyncAllowed": True}})
    await test()

    # 6.4, 6.5
    await refused_with(test(principal=walk.application_id), {404})
    await refused_with(test(template="X"), {400, 404})
    unknown_key = {"key": "NoSuchKey", "value": "x"}
    body = {"useSavedCredentials": False, "templateId": "Azure2Azure", "credentials": [unknown_key]}
    path = f"servicePrincipals/{walk.service_principal}/synchronization/jobs/validateCredentials"
    await refused_with(graph.send("POST", path, body), {400})


async def _policy_refuses(call: Any) -> None:
    error = await refused_with(call, {400})
    assert error.code in POLICY_FAILURES, error


# -- step 7: the job, and the how-to's scoping filter ----------------------------------------------


async def step_07_create_job(walk: Walk) -> None:
    graph = walk.in_source(walk.variant.synchronization)
    sync = synchronization(graph, walk.service_principal)

    templates = await sync.templates.get()
    assert "Azure2Azure" in [template.id for template in templates.value]

    created = await sync.jobs.post(graph.model("SynchronizationJob", template_id="Azure2Azure"))
    assert graph.status == 201
    walk.job = created.id
    printed = graph.json
    context = f"servicePrincipals('{walk.service_principal}')/synchronization/jobs/$entity"
    assert printed["@odata.context"] == f"{graph.base}/$metadata#{context}"
    shapes.new_job(printed)
    assert created.schedule.interval == timedelta(minutes=40)


async def limit_to_department(walk: Walk, department: str) -> None:
    """Between 7 and 8: reads the schema, adds the how-to's scoping filter, writes it back."""
    graph = walk.in_source(walk.variant.synchronization)
    schema = await job_of(walk).schema.get()
    rule = schema.synchronization_rules[0]
    for mapping in rule.object_mappings:
        # The generated enum holds one flag only, so the client drops `Add,Update,Delete` when it
        # reads it; a full replacement has to say it again.
        mapping.additional_data = {"flowTypes": "Add,Update,Delete"}
        if mapping.source_object_name == "User":
            mapping.scope = graph.model(
                "Filter",
                groups=[
                    graph.model(
                        "FilterGroup",
                        name=f"{department} department filter",
                        clauses=[
                            graph.model(
                                "FilterClause",
                                operator_name="EQUALS",
                                source_operand_name="department",
                                target_operand=graph.model("FilterOperand", values=[department]),
                            )
                        ],
                    )
                ],
                category_filter_groups=[],
                input_filter_groups=[],
            )
    await job_of(walk).schema.patch(schema)
    assert graph.status == 204

    stored = await job_of(walk).schema.get()
    users = [
        mapping
        for mapping in stored.synchronization_rules[0].object_mappings
        if mapping.source_object_name == "User"
    ]
    clause = users[0].scope.groups[0].clauses[0]
    assert clause.operator_name == "EQUALS"
    assert clause.target_operand.values == [department]
    assert len(users[0].attribute_mappings) > 20


# -- step 8: the credentials ----------------------------------------------------------------------


async def step_08_save_credentials(walk: Walk, sync_all: bool = False) -> None:
    graph = walk.in_source(walk.variant.synchronization)
    secrets = synchronization(graph, walk.service_principal).secrets
    notifications = {
        "Enabled": False,
        "DeleteThresholdEnabled": False,
        "HumanResourcesLookaheadQueryEnabled": False,
    }
    pairs = {
        "AuthenticationType": "SyncPolicy",
        "CompanyId": walk.target.id,
        "SyncNotificationSettings": json.dumps(notifications, separators=(",", ":")),
        "SyncAll": "true" if sync_all else "false",
    }

    async def put(some: dict[str, str]) -> None:
        await secrets.put(
            graph.body(
                "service_principals.item.synchronization.secrets",
                "SecretsPutRequestBody",
                value=_credentials(graph, some),
            )
        )
        assert graph.status == 204

    await put(pairs)
    # 8.2: PowerShell writes two pairs; the others stay.
    await put({key: pairs[key] for key in ("AuthenticationType", "CompanyId")})
    # 8.3: the typed client offers no GET here, as Graph's metadata has none.
    await graph.send("GET", f"servicePrincipals/{walk.service_principal}/synchronization/secrets")
    assert {pair["key"] for pair in graph.json["value"]} == set(pairs)
    assert len(graph.json["value"]) == len(pairs)


# -- step 9: people (or groups) are assigned ------------------------------------------------------


async def find_role(walk: Walk) -> str:
    """The role is found by its display name; its `value` is null."""
    graph = walk.in_source(walk.variant.applications)
    principal = graph.client.service_principals.by_service_principal_id(walk.service_principal)
    found = await principal.get(query(principal, select=["appRoles"]))
    return next(str(role.id) for role in found.app_roles if role.display_name == "msiam_access")


async def assign(walk: Walk, principal_id: str) -> None:
    graph = walk.in_source(walk.variant.applications)
    principal = graph.client.service_principals.by_service_principal_id(walk.service_principal)
    await principal.app_role_assigned_to.post(
        graph.model(
            "AppRoleAssignment",
            app_role_id=UUID(walk.role),
            resource_id=UUID(walk.service_principal),
            principal_id=UUID(principal_id),
        )
    )
    assert graph.status == 201


async def step_09_assign(walk: Walk, people: list[str]) -> None:
    graph = walk.in_source(walk.variant.applications)
    walk.role = await find_role(walk)
    first, others = people[0], people[1:]

    # 9.1, 9.2
    await assign(walk, walk.users[first])
    printed = graph.json
    context = f"servicePrincipals('{walk.service_principal}')/appRoleAssignedTo/$entity"
    assert printed["@odata.context"] == f"{graph.base}/$metadata#{context}"
    assert printed["id"]
    assert printed["createdDateTime"].endswith("Z")
    expected = {
        "deletedDateTime": None,
        "appRoleId": walk.role,
        "principalDisplayName": first,
        "principalId": walk.users[first],
        "principalType": "User",
        "resourceDisplayName": "Fabrikam",
        "resourceId": walk.service_principal,
    }
    assert {key: printed[key] for key in expected} == expected

    # 9.4
    again = await refused(assign(walk, walk.users[first]), 400, "Request_BadRequest")
    assert "Permission being assigned already exists on the object" in again.message

    # 9.3: a role or a resource that is not there; Pascal case as PowerShell types it.
    path = f"servicePrincipals/{walk.service_principal}/appRoleAssignedTo"
    pascal = {"AppRoleId": walk.role, "ResourceId": walk.service_principal}
    for wrong in ({"AppRoleId": str(uuid4())}, {"ResourceId": str(uuid4())}):
        body = {**pascal, "PrincipalId": walk.users[others[0]], **wrong}
        await refused_with(graph.send("POST", path, body), {400, 404})
    for person in others:
        await graph.send("POST", path, {**pascal, "PrincipalId": walk.users[person]})
        assert graph.status == 201


# -- step 10: provision on demand -----------------------------------------------------------------


async def provision(walk: Walk, user_id: str) -> dict[str, Any]:
    """Provisions one user and returns the status object that the answer carries as text."""
    graph = walk.in_source(walk.variant.synchronization)
    answer = await job_of(walk).provision_on_demand.post(
        graph.body(
            "service_principals.item.synchronization.jobs.item.provision_on_demand",
            "ProvisionOnDemandPostRequestBody",
            parameters=[
                graph.model(
                    "SynchronizationJobApplicationParameters",
                    rule_id=walk.rule,
                    subjects=[
                        graph.model(
                            "SynchronizationJobSubject",
                            object_id=user_id,
                            object_type_name="User",
                        )
                    ],
                )
            ],
        )
    )
    assert graph.status == 200
    return _status_info(answer)


def _status_info(answer: Any) -> dict[str, Any]:
    kind = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo"
    assert answer.key == kind
    (status,) = json.loads(answer.value)
    return status


async def step_10_provision_on_demand(walk: Walk, assigned: str, unassigned: str) -> None:
    # 10.1
    schema = await job_of(walk).schema.get()
    walk.rule = schema.synchronization_rules[0].id

    # 10.2, 10.3: the job has not been started.
    created = await provision(walk, walk.users[assigned])
    assert created["action"] == "Create", created
    assert created["statusInfo"]["status"] == "Success"
    steps = [step["name"] for step in created["provisioningSteps"]]
    assert steps[0].startswith("EntryImport")
    assert "EntrySynchronizationScoping" in steps
    assert "EntryExportAdd" in steps
    arrived = await find_in_target(walk, assigned)
    assert arrived.user_type == "Member"
    assert "#EXT#@" in arrived.user_principal_name
    assert arrived.user_principal_name.endswith(walk.target.initial_domain)
    assert arrived.department == "Marketing"

    # 10.5
    again = await provision(walk, walk.users[assigned])
    assert again["statusInfo"]["status"] == "Skipped", again
    assert again["statusInfo"]["errorCode"] == "RedundantExport"

    # 10.4: PowerShell's cmdlet of the how-to: the service principal's id under /applications.
    graph = walk.in_source(walk.variant.synchronization)
    jobs = graph.client.applications.by_application_id(walk.service_principal).synchronization.jobs
    answer = await jobs.by_synchronization_job_id(walk.job).provision_on_demand.post(
        graph.body(
            "applications.item.synchronization.jobs.item.provision_on_demand",
            "ProvisionOnDemandPostRequestBody",
            additional_data={
                "RuleId": walk.rule,
                "Subjects": [{"ObjectId": walk.users[assigned], "ObjectTypeName": "User"}],
            },
        )
    )
    assert graph.status == 200
    assert _status_info(answer)["statusInfo"]["status"] == "Skipped"

    # 10.6
    skipped = await provision(walk, walk.users[unassigned])
    assert skipped["statusInfo"]["status"] == "Skipped", skipped
    scoping = next(
        step
        for step in skipped["provisioningSteps"]
        if step["name"] == "EntrySynchronizationScoping"
    )
    assert str(scoping["details"]["Assigned"]).lower() == "false"


async def find_in_target(walk: Walk, display_name: str) -> Any:
    """The synchronized user of that display name; exactly one."""
    users = walk.target_reader().client.users
    found = await users.get(
        query(
            users,
            filter=f"displayName eq '{display_name}'",
            select=["id", "userPrincipalName", "userType", "department", "accountEnabled"],
        )
    )
    assert len(found.value) == 1, f"{display_name}: {len(found.value)} users in the target"
    return found.value[0]


# -- step 11 --------------------------------------------------------------------------------------


async def step_11_start(walk: Walk) -> None:
    graph = walk.in_source(walk.variant.synchronization)
    await job_of(walk).start.post()
    assert graph.status == 204
    await job_of(walk).start.post()
    assert graph.status == 204


# -- step 12: monitor -----------------------------------------------------------------------------


async def step_12_monitor(walk: Walk, person: str, upn: str) -> None:
    """The job after its first cycle (12.3, 12.4), and the log entry of one created user."""
    graph = walk.in_source(walk.variant.synchronization)
    monitored = await job_of(walk).get()
    assert monitored.status.code.value == "Active"
    assert monitored.schedule.state.value == "Active"
    assert monitored.status.last_successful_execution is not None
    counts = {pair.key: pair.value for pair in monitored.status.synchronized_entry_count_by_type}
    assert counts["User to User"] >= 1
    assert graph.json["status"]["progress"] == []
    assert graph.json["synchronizationJobSettings"] == shapes.JOB_SETTINGS

    items = await provisioning_log.how_to_query(walk)
    created = [
        item
        for item in items
        if item["provisioningAction"] == "create"
        and item["sourceIdentity"]["id"] == walk.users[person]
        and item["provisioningStatusInfo"]["status"] == "success"
    ]
    assert len(created) == 1, f"{person} is created once, the log says {len(created)} times"
    shapes.log_item(walk, created[0], person, upn)
    await provisioning_log.in_pages(walk)
