// The ways @azure/identity signs in, and what the tokens then say.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  InteractiveBrowserCredential,
} from "@azure/identity";
import { generate } from "selfsigned";

import { visit } from "../browser.mjs";
import { AUTHORITY, claimsOf, clientSecret, Graph, ORIGIN, pair } from "../graph-client.mjs";
import { HOW_TO_PERMISSIONS } from "../walkthrough.mjs";

const { source: tenant } = pair("sign-in");
const DEFAULT = `${ORIGIN}/.default`;
// The public client that Graph PowerShell signs in with; every tenant knows it.
const PUBLIC_CLIENT = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

test("client secret", async () => {
  const { token } = await clientSecret(tenant).getToken(DEFAULT);
  const claims = claimsOf(token);
  assert.equal(claims.tid, tenant.tenantId);
  assert.equal(claims.iss, `${ORIGIN}/${tenant.tenantId}/v2.0`);
  assert.equal(claims.idtyp, "app");
});

test("wrong secret", async () => {
  const { tenantId, application } = tenant;
  const wrong = new ClientSecretCredential(tenantId, application.clientId, "no", AUTHORITY);
  await assert.rejects(wrong.getToken(DEFAULT), /AADSTS7000215/);
});

async function selfSigned() {
  const { cert, private: key } = await generate([{ name: "commonName", value: "tests" }], {
    keySize: 2048,
    algorithm: "sha256",
  });
  return { certificate: `${key}\n${cert}`, der: cert.replace(/-----[^-]+-----|\s/g, "") };
}

test("certificate", async () => {
  const { certificate, der } = await selfSigned();
  const graph = new Graph("v1.0", clientSecret(tenant));
  const { clientId } = tenant.application;
  const { id } = await graph.get(`/applications(appId='${clientId}')`);
  await graph.patch(`/applications/${id}`, {
    keyCredentials: [
      { type: "AsymmetricX509Cert", usage: "Verify", displayName: "CN=tests", key: der },
    ],
  });
  const credential = new ClientCertificateCredential(
    tenant.tenantId, clientId, { certificate }, AUTHORITY);
  const claims = claimsOf((await credential.getToken(DEFAULT)).token);
  assert.ok([claims.appidacr, claims.azpacr].includes("2"));
  assert.ok((await new Graph("v1.0", credential).get("/users")).value.length > 0);
});

test("unknown certificate", async () => {
  const { certificate } = await selfSigned();
  const stranger = new ClientCertificateCredential(
    tenant.tenantId, tenant.application.clientId, { certificate }, AUTHORITY);
  await assert.rejects(stranger.getToken(DEFAULT), /AADSTS700027/);
});

// Elsewhere the library would open the real browser of whoever runs the suite.
const interactive = { skip: process.platform !== "linux" && "needs xdg-open", timeout: 60_000 };

test("authorization code with PKCE in the default browser", interactive, async () => {
  const credential = new InteractiveBrowserCredential({
    ...AUTHORITY,
    tenantId: tenant.tenantId,
    clientId: PUBLIC_CLIENT,
    redirectUri: "http://localhost",
  });
  const scopes = HOW_TO_PERMISSIONS.map((name) => `${ORIGIN}/${name}`);
  const claims = claimsOf((await credential.getToken(scopes)).token);
  const granted = claims.scp.split(" ");
  assert.deepEqual(HOW_TO_PERMISSIONS.filter((scope) => !granted.includes(scope)), []);
  assert.equal(claims.tid, tenant.tenantId);
  const graph = new Graph("v1.0", credential, scopes);
  assert.equal((await graph.get("/me")).userPrincipalName, tenant.admin.userPrincipalName);
});

test("device code", async () => {
  const visits = [];
  const credential = new DeviceCodeCredential({
    ...AUTHORITY,
    tenantId: tenant.tenantId,
    clientId: PUBLIC_CLIENT,
    userPromptCallback: ({ verificationUri, userCode }) => {
      visits.push(visit(verificationUri, tenant.admin, userCode).then((end) => end.text));
    },
  });
  const scopes = HOW_TO_PERMISSIONS;
  // Otherwise a page that was not understood would be waited for until the code expires.
  const abortSignal = AbortSignal.timeout(60_000);
  const { token } = await credential.getToken(scopes, { abortSignal });
  assert.equal((await Promise.all(visits)).length, 1, "one code, one visit");
  const granted = claimsOf(token).scp.split(" ");
  assert.deepEqual(scopes.filter((scope) => !granted.includes(scope)), []);
  const graph = new Graph("v1.0", credential, scopes);
  assert.equal((await graph.get("/me")).userPrincipalName, tenant.admin.userPrincipalName);
  const partners = await graph.get("/policies/crossTenantAccessPolicy/partners");
  assert.deepEqual(partners.value, []);
});
