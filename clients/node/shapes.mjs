// What the how-to prints, compared key by key; nulls are keys too.

import assert from "node:assert/strict";

import { pick } from "./graph-client.mjs";

export const CROSS_TENANT_TEMPLATE = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";
export const JOB_SETTINGS = [
  { name: "AzureIngestionAttributeOptimization", value: "False" },
  { name: "LookaheadQueryEnabled", value: "False" },
];
const NEVER = "0001-01-01T00:00:00Z";

function has(object, expected) {
  assert.deepEqual(pick(object, expected), expected);
}

export function newPartner(graph, printed, tenantId) {
  const unset = { inboundAllowed: null, outboundAllowed: null };
  has(printed, {
    "@odata.context": `${graph.base}/$metadata#policies/crossTenantAccessPolicy/partners/$entity`,
    tenantId,
    isServiceProvider: null,
    inboundTrust: null,
    b2bCollaborationOutbound: null,
    b2bCollaborationInbound: null,
    b2bDirectConnectOutbound: null,
    b2bDirectConnectInbound: null,
    tenantRestrictions: null,
    crossCloudMeetingConfiguration: unset,
    automaticUserConsentSettings: unset,
  });
}

export function application(printed) {
  assert.equal(printed.objectId, printed.id);
  assert.ok(printed.appId && printed.homepage);
  has(printed, {
    applicationTemplateId: CROSS_TENANT_TEMPLATE,
    displayName: "Fabrikam",
    identifierUris: [],
    publicClient: null,
    replyUrls: [],
    logoutUrl: null,
    samlMetadataUrl: null,
    errorUrl: null,
    groupMembershipClaims: null,
    availableToOtherTenants: false,
    requiredResourceAccess: [],
  });
}

export function servicePrincipal(printed, appId, sourceTenantId) {
  assert.equal(printed.objectId, printed.id);
  assert.ok(printed.homepage);
  has(printed, {
    deletionTimestamp: null,
    accountEnabled: true,
    appId,
    appDisplayName: "Fabrikam",
    applicationTemplateId: CROSS_TENANT_TEMPLATE,
    appOwnerTenantId: sourceTenantId,
    appRoleAssignmentRequired: true,
    displayName: "Fabrikam",
    errorUrl: null,
    loginUrl: null,
    logoutUrl: null,
    samlMetadataUrl: null,
    microsoftFirstParty: null,
    publisherName: "Contoso",
    preferredSingleSignOnMode: null,
    preferredTokenSigningKeyThumbprint: null,
    preferredTokenSigningKeyEndDateTime: null,
    replyUrls: [],
    servicePrincipalNames: [appId],
    tags: ["WindowsAzureActiveDirectoryIntegratedApp"],
    notificationEmailAddresses: [],
    samlSingleSignOnSettings: null,
    keyCredentials: [],
    passwordCredentials: [],
  });
}

export function newJob(printed) {
  assert.match(printed.id, /^Azure2Azure\./);
  assert.equal(printed.templateId, "Azure2Azure");
  has(printed, {
    schedule: { expiration: null, interval: "PT40M", state: "Disabled" },
    synchronizationJobSettings: JOB_SETTINGS,
  });
  has(printed.status, {
    countSuccessiveCompleteFailures: 0,
    escrowsPruned: false,
    code: "Paused",
    lastExecution: null,
    lastSuccessfulExecution: null,
    lastSuccessfulExecutionWithExports: null,
    quarantine: null,
    steadyStateFirstAchievedTime: NEVER,
    steadyStateLastAchievedTime: NEVER,
    troubleshootingUrl: null,
    progress: [],
    synchronizedEntryCountByType: [],
  });
}

export function assignment(graph, printed, expected) {
  const context = `servicePrincipals('${expected.resourceId}')/appRoleAssignedTo/$entity`;
  has(printed, {
    "@odata.context": `${graph.base}/$metadata#${context}`,
    deletedDateTime: null,
    principalType: "User",
    resourceDisplayName: "Fabrikam",
    ...expected,
  });
  assert.ok(printed.id);
  assert.match(printed.createdDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/);
}

/** One `create` entry of the log for a user who was assigned and passed the scoping filter. */
export function logItem(walk, item, person, upn) {
  const id = walk.users[person];
  assert.ok(item.id && item.activityDateTime && item.cycleId && item.changeId);
  assert.ok(Number.isInteger(item.durationInMilliseconds));
  has(item, {
    jobId: walk.job,
    tenantId: walk.target.tenantId,
    provisioningAction: "create",
    servicePrincipal: { id: walk.servicePrincipal, displayName: "Fabrikam" },
    initiatedBy: {
      id: "",
      displayName: "Azure AD Provisioning Service",
      initiatorType: "system",
    },
    provisioningStatusInfo: { status: "success", errorInformation: null },
  });
  has(item.sourceSystem, { displayName: "Azure Active Directory", details: {} });
  has(item.targetSystem, { displayName: "Azure Active Directory (target tenant)" });
  has(item.targetSystem.details, {
    ServicePrincipalId: walk.servicePrincipal,
    ServicePrincipalDisplayName: "Fabrikam",
  });
  assert.ok(item.targetSystem.details.ApplicationId);
  const details = { id, odatatype: "User", DisplayName: person, UserPrincipalName: upn };
  has(item.sourceIdentity, { id, displayName: person, identityType: "User", details });
  assert.ok(item.targetIdentity.id);
  has(item.targetIdentity, { displayName: "", identityType: "User", details: {} });

  const [imported, scoping] = item.provisioningSteps;
  has(imported, {
    name: "EntryImportAdd",
    provisioningStepType: "import",
    status: "success",
    description: `Received User '${upn}' change of type (Add) from Azure Active Directory`,
  });
  has(imported.details, {
    objectId: id,
    accountEnabled: "True",
    department: "Marketing",
    displayName: person,
    userPrincipalName: upn,
    showInAddressList: "",
    alternativeSecurityIds: "None",
    IsSoftDeleted: "False",
    appRoleAssignments: "msiam_access",
  });
  assert.ok(imported.details.mailNickname && imported.details.netId);
  has(scoping, {
    name: "EntrySynchronizationScoping",
    provisioningStepType: "scoping",
    description: "Determine if User in scope by evaluating against each scoping filter",
  });
  has(scoping.details, {
    "Active in the source system": "True",
    "Assigned to the application": "True",
    "User has the required role": "True",
    "Scoping filter evaluation passed": "True",
  });
  assert.deepEqual(JSON.parse(scoping.details.ScopeEvaluationResult), {
    "Marketing department filter.department EQUALS 'Marketing'": true,
  });
}
