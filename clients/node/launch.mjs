// Starts the server first and the tests second: node reads NODE_EXTRA_CA_CERTS only when it starts.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { usersCsv } from "./people.mjs";
import { SynclineServer } from "./syncline-server.mjs";

const PAIRS = ["mixed", "v1", "beta", "sign-in", "directory"];
// xdg-open obeys BROWSER where it finds neither a desktop nor a display.
const DEFAULT_BROWSER = {
  BROWSER: fileURLToPath(new URL("./default-browser.mjs", import.meta.url)),
  XDG_CURRENT_DESKTOP: "X-Generic",
  DISPLAY: "",
  WAYLAND_DISPLAY: "",
};

const suites = fileURLToPath(new URL("./suites/", import.meta.url));
const files = readdirSync(suites).filter((name) => name.endsWith(".test.mjs")).sort();
const chosen = process.argv.slice(2);
const run = files.filter((name) => chosen.length === 0 || chosen.some((word) => name.includes(word)));

const server = new SynclineServer();
let code = 1;
try {
  const pairs = Object.fromEntries(PAIRS.map((name) => [name, preparePair(name)]));
  await server.start();
  code = await runTests({
    NODE_EXTRA_CA_CERTS: server.authority,
    NO_PROXY: "localhost,127.0.0.1",
    ...DEFAULT_BROWSER,
    SYNCLINE_ORIGIN: server.origin,
    SYNCLINE_SUITE_DATA: server.data,
    SYNCLINE_SUITE_PAIRS: JSON.stringify(pairs),
  });
  if (code !== 0) console.error(`server log:\n${server.logTail()}`);
} finally {
  await server.stop();
}
process.exitCode = code;

function preparePair(name) {
  const [source, target] = [
    [`contoso-${name}.example`, "Contoso"],
    [`fabrikam-${name}.example`, "Fabrikam"],
  ].map(([domain, title]) => server.createTenant(domain, title, adminOf(name, domain)));
  server.importPeople(source, usersCsv(source.domain));
  return { source, target };
}

function adminOf(name, domain) {
  return name === "sign-in" ? `admin@${domain}` : undefined;
}

function runTests(environment) {
  const words = ["--test", "--test-concurrency=1", "--test-reporter=spec"];
  const tests = spawn(process.execPath, [...words, ...run.map((name) => suites + name)], {
    env: { ...process.env, ...environment },
    stdio: "inherit",
  });
  return new Promise((resolve) => tests.once("exit", (status) => resolve(status ?? 1)));
}
