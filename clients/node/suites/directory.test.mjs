// Users and groups through the JavaScript client: pages, delta, references and errors.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";

import { PageIterator } from "@microsoft/microsoft-graph-client";

import { clientSecret, Graph, pair, refused } from "../graph-client.mjs";

const { source: tenant } = pair("directory");

function newUser(name, more = {}) {
  return {
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@${tenant.domain}`,
    passwordProfile: { password: "Correct-Horse-7-Battery" },
    ...more,
  };
}

const unique = (word) => `${word}-${randomUUID().slice(0, 8)}`;

for (const version of ["v1.0", "beta"]) {
  describe(`directory, ${version}`, () => {
    const graph = new Graph(version, clientSecret(tenant));
    const create = (word, more) => graph.post("/users", newUser(unique(word), more), 201);

    test("a user's life", async () => {
      const created = await create("life", { department: "Research" });
      assert.equal(created["@odata.context"], `${graph.base}/$metadata#users/$entity`);
      const path = `/users/${created.id}`;
      await graph.patch(path, { department: "Sales", jobTitle: null });
      const read = await graph.api(path).select("department,jobTitle,userType").get();
      assert.deepEqual(
        [read.department, read.jobTitle, read.userType], ["Sales", null, "Member"]);
      await graph.delete(path);
      await refused(graph.get(path), 404, "Request_ResourceNotFound");
      await graph.post(`/directory/deletedItems/${created.id}/restore`, {}, 200);
      assert.equal((await graph.get(path)).id, created.id);
      await graph.delete(path);
      await graph.delete(`/directory/deletedItems/${created.id}`);
      await refused(
        graph.get(`/directory/deletedItems/${created.id}`), 404, "Request_ResourceNotFound");
    });

    test("errors are GraphErrors with code, message and request id", async () => {
      const { userPrincipalName } = await create("twin");
      const again = newUser(userPrincipalName.split("@")[0]);
      const error = await refused(graph.api("/users").post(again), 400, "Request_BadRequest");
      assert.equal(error.message,
        "Another object with the same value for property userPrincipalName already exists.");
      const odd = newUser(unique("odd"), { shoeSize: 44 });
      await refused(graph.api("/users").post(odd), 400, "Request_BadRequest");
      await refused(graph.get(`/users/${randomUUID()}`), 404, "Request_ResourceNotFound");
      await refused(graph.api("/users").filter("displayName eq").get(), 400);
    });

    test("pages end, and the iterator sees everybody once", async () => {
      await Promise.all(["a", "b", "c"].map((word) => create(word)));
      const first = await graph.api("/users").top(2).select("id").get();
      assert.equal(first.value.length, 2);
      assert.ok(first["@odata.nextLink"].startsWith(graph.base));
      const seen = [];
      const iterator = new PageIterator(graph.client, first, (user) => seen.push(user.id) > 0);
      await iterator.iterate();
      assert.equal(new Set(seen).size, seen.length);
      assert.ok(seen.length >= 8);
    });

    test("$filter, $orderby and $count", async () => {
      const word = unique("sorted");
      for (const letter of ["b", "a", "c"]) {
        await graph.post("/users", newUser(`${word}-${letter}`), 201);
      }
      const found = await graph.api("/users")
        .header("ConsistencyLevel", "eventual")
        .filter(`startsWith(displayName,'${word}')`)
        .orderby("displayName desc")
        .count(true)
        .get();
      assert.deepEqual(
        found.value.map((user) => user.displayName.slice(-1)), ["c", "b", "a"]);
      assert.equal(found["@odata.count"], 3);
    });

    test("delta tells what changed, and only that", async () => {
      const round = async (start) => {
        const items = [];
        let page = await graph.get(start);
        items.push(...page.value);
        while (page["@odata.nextLink"]) {
          page = await graph.get(page["@odata.nextLink"]);
          items.push(...page.value);
        }
        return { items, link: page["@odata.deltaLink"] };
      };
      const all = await round("/users/delta?$select=displayName");
      assert.ok(all.items.length >= 5);
      const created = await create("newcomer");
      const changed = await round(all.link);
      assert.deepEqual(changed.items.map((user) => user.id), [created.id]);
      await graph.delete(`/users/${created.id}`);
      const removed = await round(changed.link);
      assert.deepEqual(removed.items.map((user) => user["@removed"]), [{ reason: "changed" }]);
      assert.deepEqual((await round(removed.link)).items, []);
    });

    test("references: manager and members", async () => {
      const [head, report] = [await create("head"), await create("report")];
      const ref = (id) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
      await refused(graph.get(`/users/${report.id}/manager`), 404, "Request_ResourceNotFound");
      await graph.put(`/users/${report.id}/manager/$ref`, ref(head.id));
      const manager = await graph.get(`/users/${report.id}/manager`);
      assert.equal(manager.id, head.id);
      assert.equal(manager["@odata.type"], "#microsoft.graph.user");
      await graph.delete(`/users/${report.id}/manager/$ref`);

      const name = unique("team");
      const group = await graph.post("/groups", {
        displayName: name, mailNickname: name, mailEnabled: false, securityEnabled: true }, 201);
      const members = `/groups/${group.id}/members`;
      await graph.post(`${members}/$ref`, ref(head.id), 204);
      await refused(graph.api(`${members}/$ref`).post(ref(head.id)), 400, "Request_BadRequest");
      assert.deepEqual((await graph.get(members)).value.map((user) => user.id), [head.id]);
      await graph.delete(`${members}/${head.id}/$ref`);
      assert.deepEqual((await graph.get(members)).value, []);
      await graph.delete(`/groups/${group.id}`);
    });
  });
}
