// The official Graph client for JavaScript, pointed at a private server and otherwise unmodified.

import assert from "node:assert/strict";

import { ClientSecretCredential } from "@azure/identity";
import { Client, GraphError } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

export const ORIGIN = process.env.SYNCLINE_ORIGIN;
export const DATA = process.env.SYNCLINE_SUITE_DATA;
/** Keeps the identity library off public hosts. */
export const AUTHORITY = { authorityHost: ORIGIN, disableInstanceDiscovery: true };

// The client hands out parsed bodies only; the status of the last answer is noted on the way.
const plainFetch = globalThis.fetch;
let lastStatus = 0;
globalThis.fetch = async (...request) => {
  const answer = await plainFetch(...request);
  lastStatus = answer.status;
  return answer;
};

export function pair(name) {
  return JSON.parse(process.env.SYNCLINE_SUITE_PAIRS)[name];
}

export function clientSecret(tenant) {
  const { clientId, clientSecret: secret } = tenant.application;
  return new ClientSecretCredential(tenant.tenantId, clientId, secret, AUTHORITY);
}

export class Graph {
  constructor(version, credential, scopes = [`${ORIGIN}/.default`]) {
    this.version = version;
    this.base = `${ORIGIN}/${version}`;
    this.client = Client.initWithMiddleware({
      authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes }),
      baseUrl: `${ORIGIN}/`,
      customHosts: new Set(["localhost"]),
      defaultVersion: version,
    });
  }

  api(path) {
    return this.client.api(path);
  }

  get status() {
    return lastStatus;
  }

  /** Posts, and expects `status`; the parsed answer comes back. */
  async post(path, body, status) {
    const answer = await this.api(path).post(body);
    assert.equal(lastStatus, status, `POST ${path}`);
    return answer;
  }

  async put(path, body) {
    await this.api(path).put(body);
    assert.equal(lastStatus, 204, `PUT ${path}`);
  }

  async patch(path, body) {
    await this.api(path).patch(body);
    assert.equal(lastStatus, 204, `PATCH ${path}`);
  }

  async delete(path) {
    await this.api(path).delete();
    assert.equal(lastStatus, 204, `DELETE ${path}`);
  }

  get(path) {
    return this.api(path).get();
  }
}

/** Awaits a call that must fail with one of `statuses`, and returns the client's GraphError. */
export async function refused(call, statuses, code) {
  let error;
  try {
    await call;
  } catch (caught) {
    error = caught;
  }
  assert.ok(error instanceof GraphError, `expected a GraphError, got ${error}`);
  assert.ok([statuses].flat().includes(error.statusCode), `${error.statusCode} ${error.code}`);
  if (code) assert.equal(error.code, code, error.message);
  assert.ok(error.requestId, "every error names its request");
  return error;
}

/** The chosen keys of an object, for a comparison that tolerates further ones. */
export function pick(object, expected) {
  return Object.fromEntries(Object.keys(expected).map((key) => [key, object[key]]));
}

export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}
