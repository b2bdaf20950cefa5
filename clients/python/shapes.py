"""What the how-to prints: each check takes the raw answer of a call and compares it key by key."""

from __future__ import annotations

import json
from typing import Any

from graph_client import Graph
from syncline_server import Tenant
from walk import Walk

CROSS_TENANT_TEMPLATE = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
NEVER = "0001-01-01T00:00:00Z"
JOB_SETTINGS = [
    {"name": "AzureIngestionAttributeOptimization", "value": "False"},
    {"name": "LookaheadQueryEnabled", "value": "False"},
]
PARTNER_NULLS = [
    "isServiceProvider",
    "inboundTrust",
    "b2bCollaborationOutbound",
    "b2bCollaborationInbound",
    "b2bDirectConnectOutbound",
    "b2bDirectConnectInbound",
    "tenantRestrictions",
]


def new_partner(graph: Graph, tenant_id: str) -> None:
    """What a POST of a partner prints (2.1, 2.2)."""
    assert graph.status == 201
    assert graph.last.headers["content-type"].startswith("application/json")
    body = graph.json
    context = f"{graph.base}/$metadata#policies/crossTenantAccessPolicy/partners/$entity"
    assert body["@odata.context"] == context
    assert body["tenantId"] == tenant_id
    assert {key: body[key] for key in PARTNER_NULLS} == dict.fromkeys(PARTNER_NULLS)
    unset = {"inboundAllowed": None, "outboundAllowed": None}
    assert body["crossCloudMeetingConfiguration"] == unset
    assert body["automaticUserConsentSettings"] == unset


def application(printed: dict[str, Any]) -> None:
    assert printed["objectId"] == printed["id"]
    assert printed["appId"]
    assert printed["homepage"]
    expected = {
        "applicationTemplateId": CROSS_TENANT_TEMPLATE,
        "displayName": "Fabrikam",
        "identifierUris": [],
        "publicClient": None,
        "replyUrls": [],
        "logoutUrl": None,
        "samlMetadataUrl": None,
        "errorUrl": None,
        "groupMembershipClaims": None,
        "availableToOtherTenants": False,
        "requiredResourceAccess": [],
    }
    assert {key: printed[key] for key in expected} == expected


def service_principal(
    principal: dict[str, Any], application: dict[str, Any], source: Tenant
) -> None:
    assert principal["objectId"] == principal["id"]
    assert principal["homepage"]
    expected = {
        "deletionTimestamp": None,
        "accountEnabled": True,
        "appId": application["appId"],
        "appDisplayName": "Fabrikam",
        "applicationTemplateId": CROSS_TENANT_TEMPLATE,
        "appOwnerTenantId": source.id,
        "appRoleAssignmentRequired": True,
        "displayName": "Fabrikam",
        "errorUrl": None,
        "loginUrl": None,
        "logoutUrl": None,
        "samlMetadataUrl": None,
        "microsoftFirstParty": None,
        "publisherName": "Contoso",
        "preferredSingleSignOnMode": None,
        "preferredTokenSigningKeyThumbprint": None,
        "preferredTokenSigningKeyEndDateTime": None,
        "replyUrls": [],
        "servicePrincipalNames": [application["appId"]],
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "notificationEmailAddresses": [],
        "samlSingleSignOnSettings": None,
        "keyCredentials": [],
        "passwordCredentials": [],
    }
    assert {key: principal[key] for key in expected} == expected


def new_job(printed: dict[str, Any]) -> None:
    """A job that was just created (7.3 to 7.6)."""
    assert printed["id"].startswith("Azure2Azure.")
    assert printed["templateId"] == "Azure2Azure"
    assert printed["schedule"] == {"expiration": None, "interval": "PT40M", "state": "Disabled"}
    status = {
        "countSuccessiveCompleteFailures": 0,
        "escrowsPruned": False,
        "code": "Paused",
        "lastExecution": None,
        "lastSuccessfulExecution": None,
        "lastSuccessfulExecutionWithExports": None,
        "quarantine": None,
        "steadyStateFirstAchievedTime": NEVER,
        "steadyStateLastAchievedTime": NEVER,
        "troubleshootingUrl": None,
        "progress": [],
        "synchronizedEntryCountByType": [],
    }
    assert {key: printed["status"][key] for key in status} == status
    assert printed["synchronizationJobSettings"] == JOB_SETTINGS


def log_item(walk: Walk, item: dict[str, Any], person: str, upn: str) -> None:
    # 12.6
    assert item["id"] and item["activityDateTime"] and item["cycleId"] and item["changeId"]
    assert item["jobId"] == walk.job
    # The how-to prints the target's id here; so does the service.
    assert item["tenantId"] == walk.target.id
    assert isinstance(item["durationInMilliseconds"], int)
    assert item["servicePrincipal"] == {"id": walk.service_principal, "displayName": "Fabrikam"}
    # 12.7
    assert item["sourceSystem"]["displayName"] == "Azure Active Directory"
    assert item["sourceSystem"]["details"] == {}
    assert item["targetSystem"]["displayName"] == "Azure Active Directory (target tenant)"
    assert item["targetSystem"]["details"]["ServicePrincipalId"] == walk.service_principal
    assert item["targetSystem"]["details"]["ServicePrincipalDisplayName"] == "Fabrikam"
    assert item["targetSystem"]["details"]["ApplicationId"]
    # 12.8
    assert item["initiatedBy"] == {
        "id": "",
        "displayName": "Azure AD Provisioning Service",
        "initiatorType": "system",
    }
    # 12.9
    assert item["sourceIdentity"]["displayName"] == person
    assert item["sourceIdentity"]["identityType"] == "User"
    assert item["sourceIdentity"]["details"] == {
        "id": walk.users[person],
        "odatatype": "User",
        "DisplayName": person,
        "UserPrincipalName": upn,
    }
    assert item["targetIdentity"]["id"]
    assert item["targetIdentity"]["displayName"] == ""
    assert item["targetIdentity"]["identityType"] == "User"
    assert item["targetIdentity"]["details"] == {}
    # 12.10
    assert item["provisioningStatusInfo"] == {"status": "success", "errorInformation": None}
    # 12.11
    imported = item["provisioningSteps"][0]
    assert imported["name"] == "EntryImportAdd"
    assert imported["provisioningStepType"] == "import"
    assert imported["status"] == "success"
    assert imported["description"] == (
        f"Received User '{upn}' change of type (Add) from Azure Active Directory"
    )
    details = {
        "objectId": walk.users[person],
        "accountEnabled": "True",
        "department": "Marketing",
        "displayName": person,
        "userPrincipalName": upn,
        "showInAddressList": "",
        "alternativeSecurityIds": "None",
        "IsSoftDeleted": "False",
        "appRoleAssignments": "msiam_access",
    }
    assert {key: imported["details"].get(key) for key in details} == details
    assert imported["details"]["mailNickname"] and imported["details"]["netId"]
    # 12.12
    scoping = item["provisioningSteps"][1]
    assert scoping["name"] == "EntrySynchronizationScoping"
    assert scoping["provisioningStepType"] == "scoping"
    assert scoping["description"] == (
        "Determine if User in scope by evaluating against each scoping filter"
    )
    clause = "Marketing department filter.department EQUALS 'Marketing'"
    assert json.loads(scoping["details"]["ScopeEvaluationResult"]) == {clause: True}
    said = {
        "Active in the source system": "True",
        "Assigned to the application": "True",
        "User has the required role": "True",
        "Scoping filter evaluation passed": "True",
    }
    assert {key: scoping["details"].get(key) for key in said} == said
