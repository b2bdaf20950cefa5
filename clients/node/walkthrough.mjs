// The twelve steps of Microsoft's cross-tenant synchronization how-to, one function per step.
// Each step makes the how-to's call and checks what the how-to prints, mistakes included.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { claimsOf, clientSecret, DATA, Graph, ORIGIN, pick, refused } from "./graph-client.mjs";
import * as shapes from "./shapes.mjs";
import { runJson } from "./syncline-server.mjs";

export const HOW_TO_PERMISSIONS = [
  "Policy.Read.All",
  "Policy.ReadWrite.CrossTenantAccess",
  "Application.ReadWrite.All",
  "Directory.ReadWrite.All",
];

/** Which Graph version each family of calls goes through. */
export const VARIANTS = {
  mixed: { policy: "v1.0", applications: "v1.0", synchronization: "beta", logs: "v1.0" },
  v1: { policy: "v1.0", applications: "v1.0", synchronization: "v1.0", logs: "v1.0" },
  beta: { policy: "beta", applications: "beta", synchronization: "beta", logs: "beta" },
};

const PARTNERS = "/policies/crossTenantAccessPolicy/partners";
const DUPLICATE = "Request_MultipleObjectsWithSameKeyValue";
const POLICY_FAILURES = [
  "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
  "AzureDirectoryB2BManagementPolicyCheckFailure",
];

/** One walk: two tenants, their clients, and what the steps found out. */
export class Walk {
  constructor(variant, { source, target }) {
    Object.assign(this, { variant, source, target, users: {} });
    this.credentials = { source: clientSecret(source), target: clientSecret(target) };
  }

  inSource(family) {
    return new Graph(this.variant[family] ?? family, this.credentials.source);
  }

  inTarget(family) {
    return new Graph(this.variant[family] ?? family, this.credentials.target);
  }

  get synchronization() {
    return `/servicePrincipals/${this.servicePrincipal}/synchronization`;
  }

  get jobPath() {
    return `${this.synchronization}/jobs/${this.job}`;
  }

  async lookUpPeople() {
    const found = await this.inSource("v1.0").api("/users").select(["id", "displayName"]).get();
    this.users = Object.fromEntries(found.value.map((user) => [user.displayName, user.id]));
  }

  /** The synchronized user of that display name; exactly one. */
  async findInTarget(displayName) {
    const found = await this.inTarget("v1.0")
      .api("/users")
      .filter(`displayName eq '${displayName}'`)
      .select(["id", "userPrincipalName", "userType", "department"])
      .get();
    assert.equal(found.value.length, 1, `${displayName} in the target`);
    return found.value[0];
  }
}

export async function step01SignIn(walk) {
  for (const side of ["source", "target"]) {
    const { token } = await walk.credentials[side].getToken(`${ORIGIN}/.default`);
    const claims = claimsOf(token);
    assert.equal(claims.tid, walk[side].tenantId);
    assert.equal(claims.idtyp, "app");
    assert.deepEqual(HOW_TO_PERMISSIONS.filter((name) => !claims.roles.includes(name)), []);
  }
}

export async function step02EnableUserSynchronization(walk) {
  const graph = walk.inTarget("policy");
  const partner = `${PARTNERS}/${walk.source.tenantId}`;
  const policy = `${partner}/identitySynchronization`;
  const allowed = { userSyncInbound: { isSyncAllowed: true } };

  // 2.10, 2.9: PowerShell writes the key as typed; there is nothing to change before there is one.
  const pascal = await graph.post(PARTNERS, { TenantId: walk.source.tenantId }, 201);
  shapes.newPartner(graph, pascal, walk.source.tenantId);
  await graph.delete(partner);
  const missing = await refused(
    graph.api(policy).patch(allowed), 404, "Directory_ObjectNotFound");
  assert.equal(
    missing.message, "Unable to read the company information from the directory.");

  // 2.1 to 2.3
  const created = await graph.post(PARTNERS, { tenantId: walk.source.tenantId }, 201);
  shapes.newPartner(graph, created, walk.source.tenantId);
  const again = graph.api(PARTNERS).post({ tenantId: walk.source.tenantId });
  const twice = await refused(again, 400, DUPLICATE);
  assert.equal(
    twice.message, "Another object with the same value for property tenantId already exists.");
  await refused(graph.api(policy).patch(allowed), 404, "Directory_ObjectNotFound");

  // 2.5, 2.4, 2.6
  await graph.put(policy, allowed);
  assert.equal((await graph.get(policy)).displayName, null);
  await graph.delete(policy);
  await graph.put(policy, { displayName: "Fabrikam", ...allowed });
  const conflict = await refused(graph.api(policy).put(allowed), 409, DUPLICATE);
  const text = "A conflicting object with one or more of the specified property values "
    + "is present in the directory.";
  assert.equal(conflict.message, text);
  const [detail] = JSON.parse(conflict.body).details;
  assert.deepEqual(pick(detail, { code: 0, message: 0 }),
    { code: "ConflictingObjects", message: text });

  // 2.8, 2.7
  await graph.patch(policy, allowed);
  for (const version of ["v1.0", "beta"]) {
    const stored = await walk.inTarget(version).get(policy);
    assert.equal(stored.userSyncInbound.isSyncAllowed, true);
    assert.equal(stored.tenantId, walk.source.tenantId);
    assert.equal(stored.displayName, "Fabrikam");
  }
}

async function redeems(graph, partner, inboundAllowed, outboundAllowed) {
  const { automaticUserConsentSettings } = await graph.get(partner);
  assert.deepEqual(automaticUserConsentSettings, { inboundAllowed, outboundAllowed });
}

export async function step03RedeemInbound(walk) {
  const graph = walk.inTarget("policy");
  const partner = `${PARTNERS}/${walk.source.tenantId}`;
  const inbound = (inboundAllowed) => ({ automaticUserConsentSettings: { inboundAllowed } });
  // 3.3: PowerShell sends the word, not the Boolean.
  await graph.patch(partner, inbound("True"));
  await redeems(graph, partner, true, null);
  await graph.patch(partner, inbound(false));
  await redeems(graph, partner, false, null);
  // 3.1, 3.2
  await graph.patch(partner, { inboundTrust: null, ...inbound(true) });
  await redeems(graph, partner, true, null);
  assert.equal((await graph.get(partner)).inboundTrust, null);
}

export async function step04RedeemOutbound(walk) {
  const graph = walk.inSource("policy");
  const partner = `${PARTNERS}/${walk.target.tenantId}`;
  const created = await graph.post(PARTNERS, { tenantId: walk.target.tenantId }, 201);
  shapes.newPartner(graph, created, walk.target.tenantId);
  await graph.patch(partner, { automaticUserConsentSettings: { outboundAllowed: true } });
  await redeems(graph, partner, null, true);
}

export async function step05CreateConfiguration(walk) {
  const graph = walk.inSource("applications");
  const instantiate = `/applicationTemplates/${shapes.CROSS_TENANT_TEMPLATE}/instantiate`;
  const created = await graph.post(instantiate, { displayName: "Fabrikam" }, 201);
  assert.match(created["@odata.context"], /#microsoft\.graph\.applicationServicePrincipal$/);
  const { application, servicePrincipal } = created;
  shapes.application(application);
  shapes.servicePrincipal(servicePrincipal, application.appId, walk.source.tenantId);
  Object.assign(walk, {
    application: application.id,
    servicePrincipal: servicePrincipal.id,
  });

  // 5.5: the property's name in the how-to's casing.
  const byName = graph.api("/servicePrincipals").filter("DisplayName eq 'Fabrikam'");
  const found = (await byName.get()).value;
  assert.deepEqual(found.map((one) => one.id), [servicePrincipal.id]);
  const expected = {
    appId: application.appId, signInAudience: "AzureADMyOrg", publisherName: "Contoso" };
  assert.deepEqual(pick(found[0], expected), expected);

  // 5.6: a display name is not a key. The second one goes again, so that names stay clear.
  const again = await graph.post(instantiate, { displayName: "Fabrikam" }, 201);
  assert.notEqual(again.servicePrincipal.id, servicePrincipal.id);
  await graph.delete(`/servicePrincipals/${again.servicePrincipal.id}`);
}

export async function step06TestConnection(walk) {
  const graph = walk.inSource("synchronization");
  const body = {
    useSavedCredentials: false,
    templateId: "Azure2Azure",
    credentials: [
      { key: "CompanyId", value: walk.target.tenantId },
      { key: "AuthenticationType", value: "SyncPolicy" },
    ],
  };
  const path = `${walk.synchronization}/jobs/validateCredentials`;
  await graph.post(path, body, 204);
  await walk.inSource("v1.0").post(path, body, 204);

  // 6.3: each missing permission is found, on either side.
  const inbound = `${PARTNERS}/${walk.source.tenantId}`;
  const outbound = `${PARTNERS}/${walk.target.tenantId}`;
  const switches = [
    [walk.inTarget("policy"), inbound,
      (on) => ({ automaticUserConsentSettings: { inboundAllowed: on } })],
    [walk.inSource("policy"), outbound,
      (on) => ({ automaticUserConsentSettings: { outboundAllowed: on } })],
    [walk.inTarget("policy"), `${inbound}/identitySynchronization`,
      (on) => ({ userSyncInbound: { isSyncAllowed: on } })],
  ];
  for (const [side, address, setting] of switches) {
    await side.patch(address, setting(false));
    const error = await refused(graph.api(path).post(body), 400);
    assert.ok(POLICY_FAILURES.includes(error.code), error.code);
    await side.patch(address, setting(true));
  }
  await graph.post(path, body, 204);

  // 6.4, 6.5
  const ofApplication = path.replace(walk.servicePrincipal, walk.application);
  await refused(graph.api(ofApplication).post(body), 404);
  await refused(graph.api(path).post({ ...body, templateId: "X" }), [400, 404]);
  const unknown = [{ key: "NoSuchKey", value: "x" }];
  await refused(graph.api(path).post({ ...body, credentials: unknown }), 400);
}

export async function step07CreateJob(walk) {
  const graph = walk.inSource("synchronization");
  const templates = (await graph.get(`${walk.synchronization}/templates`)).value;
  assert.ok(templates.some((template) => template.id === "Azure2Azure"));
  const job = await graph.post(`${walk.synchronization}/jobs`, { templateId: "Azure2Azure" }, 201);
  const context = `servicePrincipals('${walk.servicePrincipal}')/synchronization/jobs/$entity`;
  assert.equal(job["@odata.context"], `${graph.base}/$metadata#${context}`);
  shapes.newJob(job);
  walk.job = job.id;
}

/** Between 7 and 8: reads the schema, adds the how-to's scoping filter, writes it back. */
export async function limitToDepartment(walk, department) {
  const graph = walk.inSource("synchronization");
  const ofUsers = (schema) =>
    schema.synchronizationRules[0].objectMappings.find((one) => one.sourceObjectName === "User");
  const schema = await graph.get(`${walk.jobPath}/schema`);
  const scope = {
    categoryFilterGroups: [],
    inputFilterGroups: [],
    groups: [{
      name: `${department} department filter`,
      clauses: [{
        operatorName: "EQUALS",
        sourceOperandName: "department",
        targetOperand: { values: [department] },
      }],
    }],
  };
  ofUsers(schema).scope = scope;
  await graph.put(`${walk.jobPath}/schema`, schema);
  const stored = ofUsers(await graph.get(`${walk.jobPath}/schema`));
  assert.deepEqual(stored.scope, scope);
  assert.deepEqual(stored.attributeMappings, ofUsers(schema).attributeMappings);
}

export async function step08SaveCredentials(walk) {
  const graph = walk.inSource("synchronization");
  const path = `${walk.synchronization}/secrets`;
  const notifications = {
    Enabled: false, DeleteThresholdEnabled: false, HumanResourcesLookaheadQueryEnabled: false };
  const two = [
    { key: "AuthenticationType", value: "SyncPolicy" },
    { key: "CompanyId", value: walk.target.tenantId },
  ];
  const four = [
    ...two,
    { key: "SyncNotificationSettings", value: JSON.stringify(notifications) },
    { key: "SyncAll", value: "false" },
  ];
  await graph.put(path, { value: four });
  await graph.put(path, { value: two });
  const stored = (await graph.get(path)).value.map((one) => one.key);
  assert.deepEqual(stored.sort(), four.map((one) => one.key).sort());
}

export async function step09Assign(walk, [first, ...others]) {
  const graph = walk.inSource("applications");
  const resourceId = walk.servicePrincipal;
  const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo`;
  const principal = graph.api(`/servicePrincipals/${resourceId}`).select("appRoles");
  const role = (await principal.get()).appRoles.find((one) => one.displayName === "msiam_access");
  const body = { appRoleId: role.id, resourceId, principalId: walk.users[first] };
  const printed = await graph.post(path, body, 201);
  shapes.assignment(graph, printed, { ...body, principalDisplayName: first });
  const twice = await refused(graph.api(path).post(body), 400, "Request_BadRequest");
  assert.match(twice.message, /Permission being assigned already exists on the object/);

  // 9.3: a role or a resource that is not there; Pascal case as PowerShell types it.
  const principalId = walk.users[others[0]];
  for (const wrong of [{ appRoleId: randomUUID() }, { resourceId: randomUUID() }]) {
    await refused(graph.api(path).post({ ...body, principalId, ...wrong }), [400, 404]);
  }
  for (const person of others) {
    const pascal = { AppRoleId: role.id, ResourceId: resourceId, PrincipalId: walk.users[person] };
    await graph.post(path, pascal, 201);
  }
}

function statusInfo(answer) {
  assert.equal(
    answer.key, "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo");
  const [status] = JSON.parse(answer.value);
  return status;
}

export async function step10ProvisionOnDemand(walk, assigned, unassigned) {
  const graph = walk.inSource("synchronization");
  const schema = await graph.get(`${walk.jobPath}/schema`);
  const ruleId = schema.synchronizationRules[0].id;
  const provision = async (objectId) => {
    const subjects = [{ objectId, objectTypeName: "User" }];
    const body = { parameters: [{ ruleId, subjects }] };
    return statusInfo(await graph.post(`${walk.jobPath}/provisionOnDemand`, body, 200));
  };

  // 10.2, 10.3: the job has not been started.
  const created = await provision(walk.users[assigned]);
  assert.equal(created.action, "Create", JSON.stringify(created));
  assert.equal(created.statusInfo.status, "Success");
  assert.ok(created.provisioningSteps.some((step) => step.name === "EntryExportAdd"));
  const arrived = await walk.findInTarget(assigned);
  assert.equal(arrived.userType, "Member");
  assert.ok(arrived.userPrincipalName.includes("#EXT#@"));
  assert.ok(arrived.userPrincipalName.endsWith(walk.target.initialDomain));

  // 10.5
  const again = await provision(walk.users[assigned]);
  assert.equal(again.statusInfo.status, "Skipped", JSON.stringify(again));
  assert.equal(again.statusInfo.errorCode, "RedundantExport");

  // 10.4: PowerShell's cmdlet of the how-to: the service principal's id under /applications.
  const twin = `${walk.jobPath}/provisionOnDemand`.replace("/servicePrincipals", "/applications");
  const subjects = [{ ObjectId: walk.users[assigned], ObjectTypeName: "User" }];
  const pascal = await graph.post(twin, { RuleId: ruleId, Subjects: subjects }, 200);
  assert.equal(statusInfo(pascal).statusInfo.status, "Skipped");

  // 10.6
  const skipped = await provision(walk.users[unassigned]);
  assert.equal(skipped.statusInfo.status, "Skipped", JSON.stringify(skipped));
  const scoping = skipped.provisioningSteps.find(
    (step) => step.name === "EntrySynchronizationScoping");
  assert.equal(String(scoping.details.Assigned).toLowerCase(), "false");
}

export async function step11Start(walk) {
  const graph = walk.inSource("synchronization");
  await graph.post(`${walk.jobPath}/start`, undefined, 204);
  await graph.post(`${walk.jobPath}/start`, undefined, 204);
}

/** Waits for the first cycle on the command line, and looks at who arrived. */
export async function firstCycle(walk, people) {
  const report = runJson(DATA, "jobs", "run", "--job", walk.job, "--wait");
  assert.equal(report.state, "Succeeded", JSON.stringify(report));
  const users = (await walk.inTarget("v1.0").get("/users")).value.map((user) => user.displayName);
  const arrived = users.filter((name) => name in walk.users);
  assert.deepEqual(arrived.sort(), [...people].sort());
}

export async function step12Monitor(walk, person, upn) {
  const job = await walk.inSource("synchronization").get(walk.jobPath);
  assert.equal(job.status.code, "Active");
  assert.equal(job.schedule.state, "Active");
  assert.ok(job.status.lastSuccessfulExecution);
  assert.deepEqual(job.status.progress, []);
  assert.deepEqual(job.synchronizationJobSettings, shapes.JOB_SETTINGS);
  const counts = job.status.synchronizedEntryCountByType;
  assert.ok(counts.find((one) => one.key === "User to User").value >= 1);

  const items = await howToQuery(walk);
  const created = items.filter((item) =>
    item.provisioningAction === "create"
    && item.sourceIdentity.id === walk.users[person]
    && item.provisioningStatusInfo.status === "success");
  assert.equal(created.length, 1, `${person} is created once`);
  shapes.logItem(walk, created[0], person, upn);
  await inPages(walk);
}

/** 12.5 over the days around now, instead of the how-to's own day in 2022. */
async function howToQuery(walk) {
  const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const id = walk.servicePrincipal;
  const answer = await walk.inSource("logs")
    .api("/auditLogs/provisioning")
    .filter(`((contains(tolower(servicePrincipal/id), '${id}') `
      + `or contains(tolower(servicePrincipal/displayName), '${id}')) `
      + `and activityDateTime gt ${day(-1)} and activityDateTime lt ${day(2)})`)
    .top(500)
    .orderby("activityDateTime desc")
    .get();
  assert.match(answer["@odata.context"], /#auditLogs\/provisioning$/);
  assert.ok(answer.value.every((item) => item.servicePrincipal.id === id));
  const times = answer.value.map((item) => item.activityDateTime);
  assert.deepEqual(times, [...times].sort().reverse());
  return answer.value;
}

/** 12.13: without options, and one item at a time along the next links. */
async function inPages(walk) {
  const graph = walk.inSource("logs");
  const everything = (await graph.get("/auditLogs/provisioning")).value.map((item) => item.id);
  let page = await graph.api("/auditLogs/provisioning").top(1).get();
  const seen = page.value.map((item) => item.id);
  while (page["@odata.nextLink"]) {
    assert.ok(seen.length < 1000, "the pages do not end");
    page = await graph.get(page["@odata.nextLink"]);
    seen.push(...page.value.map((item) => item.id));
  }
  assert.ok(seen.length > 1);
  assert.deepEqual(seen.slice(0, everything.length), everything);
}
