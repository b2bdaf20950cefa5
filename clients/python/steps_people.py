"""Steps 9 to 12: who is assigned, one user on demand, the start, and what the log says."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import provisioning_log
import shapes
from graph_client import Graph, query, refused, refused_with
from walk import Walk, job_of

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


def subject(graph: Graph, kind: str, object_id: str, **links: Any) -> Any:
    """Whom to provision, and what of its links."""
    linked = graph.model("SynchronizationLinkedObjects", **links) if links else None
    return graph.model(
        "SynchronizationJobSubject", object_id=object_id, object_type_name=kind, links=linked
    )


async def provision(walk: Walk, user_id: str) -> dict[str, Any]:
    """Provisions one user and returns the status object that the answer carries as text."""
    graph = walk.in_source(walk.variant.synchronization)
    (status,) = await provision_subject(walk, subject(graph, "User", user_id))
    return status


async def provision_subject(walk: Walk, subject: Any) -> list[dict[str, Any]]:
    """The same for anything; with its links there is a status object for each that was tried."""
    graph = walk.in_source(walk.variant.synchronization)
    answer = await job_of(walk).provision_on_demand.post(
        graph.body(
            "service_principals.item.synchronization.jobs.item.provision_on_demand",
            "ProvisionOnDemandPostRequestBody",
            parameters=[
                graph.model(
                    "SynchronizationJobApplicationParameters",
                    rule_id=walk.rule,
                    subjects=[subject],
                )
            ],
        )
    )
    assert graph.status == 200
    return _status_infos(answer)


def _status_infos(answer: Any) -> list[dict[str, Any]]:
    kind = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo"
    assert answer.key == kind
    return json.loads(answer.value)


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
    (powershell,) = _status_infos(answer)
    assert powershell["statusInfo"]["status"] == "Skipped"

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
