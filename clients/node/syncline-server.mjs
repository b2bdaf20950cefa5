// The real `syncline` binary: its command line, and one server in a data directory of its own.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 20_000;

export function findBinary() {
  const candidates = [
    process.env.SYNCLINE_BIN,
    join(REPOSITORY, "target", "debug", "syncline"),
    join(REPOSITORY, "target", "release", "syncline"),
  ];
  const found = candidates.find((candidate) => candidate && existsSync(candidate));
  if (!found) {
    throw new Error("no syncline binary: `cargo build -p syncline`, or name it in SYNCLINE_BIN");
  }
  return found;
}

/** Runs one command on a data directory; stdout is exactly one JSON document. */
export function runJson(data, ...words) {
  const all = ["--data", data, ...words, "--output", "json"];
  return JSON.parse(execFileSync(findBinary(), all, { encoding: "utf8", stdio: "pipe" }));
}

export class SynclineServer {
  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "syncline-node-"));
    this.data = join(this.directory, "data");
    this.authority = join(this.data, "tls", "ca.pem");
  }

  createTenant(domain, displayName, admin) {
    const words = ["tenant", "create", "--domain", domain, "--display-name", displayName];
    const created = runJson(this.data, ...words, ...(admin ? ["--admin", admin] : []));
    return { ...created, domain };
  }

  importPeople(tenant, csv) {
    const file = join(this.directory, `users-${tenant.domain}.csv`);
    writeFileSync(file, csv);
    return runJson(this.data, "import", "--tenant", tenant.domain, file);
  }

  async start() {
    const log = openSync(join(this.directory, "server.log"), "w");
    const words = ["--data", this.data, "serve", "--listen", "127.0.0.1:0"];
    this.process = spawn(findBinary(), words, { stdio: ["ignore", "pipe", log] });
    this.ended = new Promise((resolve) => this.process.once("exit", resolve));
    const watchdog = setTimeout(() => this.process.kill("SIGKILL"), READY_WITHIN_MS);
    const lines = createInterface({ input: this.process.stdout });
    const port = await new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        const ready = /^listening on https:\/\/.*:(\d+)/.exec(line);
        if (ready) resolve(ready[1]);
      });
      this.process.once("error", reject);
      lines.once("close", () => reject(new Error(`the server never got ready\n${this.logTail()}`)));
    });
    clearTimeout(watchdog);
    // The certificate and the issuer name localhost.
    this.origin = `https://localhost:${port}`;
  }

  async stop() {
    if (this.process) {
      this.process.kill("SIGTERM");
      const patience = setTimeout(() => this.process.kill("SIGKILL"), STOPPED_WITHIN_MS);
      await this.ended;
      clearTimeout(patience);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  logTail() {
    const file = join(this.directory, "server.log");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(-40).join("\n") : "";
  }
}
