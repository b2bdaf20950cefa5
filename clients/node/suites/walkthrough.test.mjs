// The twelve steps with application tokens: as the how-to prints them, all v1.0, and all beta.

import { before, describe, test } from "node:test";

import { pair } from "../graph-client.mjs";
import { COLLEAGUE, PERSON, SELLER, UNASSIGNED } from "../people.mjs";
import * as howTo from "../walkthrough.mjs";

for (const [name, variant] of Object.entries(howTo.VARIANTS)) {
  describe(`twelve steps, ${name}`, () => {
    const walk = new howTo.Walk(variant, pair(name));
    before(() => walk.lookUpPeople());
    test("1 sign in", () => howTo.step01SignIn(walk));
    test("2 enable user synchronization", () => howTo.step02EnableUserSynchronization(walk));
    test("3 redeem inbound", () => howTo.step03RedeemInbound(walk));
    test("4 redeem outbound", () => howTo.step04RedeemOutbound(walk));
    test("5 create the configuration", () => howTo.step05CreateConfiguration(walk));
    test("6 test the connection", () => howTo.step06TestConnection(walk));
    test("7 create the job", () => howTo.step07CreateJob(walk));
    test("7 add a scoping filter", () => howTo.limitToDepartment(walk, "Marketing"));
    test("8 save the credentials", () => howTo.step08SaveCredentials(walk));
    test("9 assign", () => howTo.step09Assign(walk, [PERSON, COLLEAGUE, SELLER]));
    test("10 provision on demand",
      () => howTo.step10ProvisionOnDemand(walk, PERSON, UNASSIGNED));
    test("11 start", () => howTo.step11Start(walk));
    test("the first cycle", () => howTo.firstCycle(walk, [PERSON, COLLEAGUE]));
    test("12 monitor",
      () => howTo.step12Monitor(walk, COLLEAGUE, `grace@${walk.source.domain}`));
  });
}
