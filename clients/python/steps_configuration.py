"""Steps 5 to 8: the configuration application, its connection, job, filter and credentials."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import shapes
from graph_client import Graph, query, refused_with
from walk import Walk, consent, job_of, partner, synchronization

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
    await inbound.patch(consent(in_target, inbound_allowed=False))
    await _policy_refuses(test())
    await inbound.patch(consent(in_target, inbound_allowed=True))
    await outbound.patch(consent(in_source, outbound_allowed=False))
    await _policy_refuses(test())
    await outbound.patch(consent(in_source, outbound_allowed=True))
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
