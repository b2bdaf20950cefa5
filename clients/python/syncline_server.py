"""The real `syncline` binary: its command line, and one server in a data directory of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
READY_WITHIN_SECONDS = 60
STOPPED_WITHIN_SECONDS = 20
COMMAND_WITHIN_SECONDS = 600


@dataclass(frozen=True)
class Tenant:
    """What `tenant create` tells about a new tenant."""

    id: str
    domain: str
    initial_domain: str
    client_id: str
    client_secret: str
    admin: str | None
    admin_password: str | None


def find_binary() -> Path:
    """The binary under test: SYNCLINE_BIN, else the newest kind of build that is there."""
    candidates = [
        Path(os.environ["SYNCLINE_BIN"]) if os.environ.get("SYNCLINE_BIN") else None,
        REPOSITORY / "target" / "debug" / "syncline",
        REPOSITORY / "target" / "release" / "syncline",
    ]
    for candidate in candidates:
        if candidate is not None and candidate.is_file():
            return candidate
    raise FileNotFoundError(
        "no syncline binary: build it with `cargo build -p syncline` or name it in SYNCLINE_BIN"
    )


class Syncline:
    """One data directory. Commands work on it whether or not its server runs."""

    def __init__(self) -> None:
        self.binary = find_binary()
        self.directory = Path(tempfile.mkdtemp(prefix="syncline-python-"))
        self.data = self.directory / "data"
        self.origin = ""
        self.tenants: dict[str, Tenant] = {}
        self._process: subprocess.Popen[str] | None = None
        self._outer_environment: dict[str, str | None] = {}

    # -- commands -----------------------------------------------------------------------------

    def run(self, *arguments: str) -> str:
        """Runs one command and returns its stdout; a failure shows what the command said."""
        finished = subprocess.run(
            [str(self.binary), "--data", str(self.data), *arguments],
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN_SECONDS,
            check=False,
        )
        assert finished.returncode == 0, (
            f"syncline {' '.join(arguments)} exited with {finished.returncode}\n"
            f"stdout: {finished.stdout}\nstderr: {finished.stderr}\n{self.log_tail()}"
        )
        return finished.stdout

    def run_json(self, *arguments: str) -> Any:
        """Runs one command with `--output json`: stdout is exactly one document."""
        return json.loads(self.run(*arguments, "--output", "json"))

    def create_tenant(self, domain: str, display_name: str, admin: str | None = None) -> Tenant:
        arguments = ["tenant", "create", "--domain", domain, "--display-name", display_name]
        if admin is not None:
            arguments += ["--admin", admin]
        created = self.run_json(*arguments)
        administrator = created["admin"] or {}
        tenant = Tenant(
            id=created["tenantId"],
            domain=domain,
            initial_domain=created["initialDomain"],
            client_id=created["application"]["clientId"],
            client_secret=created["application"]["clientSecret"],
            admin=administrator.get("userPrincipalName"),
            admin_password=administrator.get("password"),
        )
        self.tenants[domain] = tenant
        return tenant

    def pair(self, name: str) -> tuple[Tenant, Tenant]:
        """The source and the target that `prepare_pair` made under this name."""
        return (
            self.tenants[f"contoso-{name}.example"],
            self.tenants[f"fabrikam-{name}.example"],
        )

    def import_people(self, tenant: Tenant, users: Path, groups: Path | None = None) -> Any:
        arguments = ["import", "--tenant", tenant.domain, str(users)]
        if groups is not None:
            arguments += ["--groups", str(groups)]
        return self.run_json(*arguments)

    def run_job(self, job_id: str) -> dict[str, Any]:
        """Runs one cycle to its end (or joins the one in progress) and returns its report."""
        return self.run_json("jobs", "run", "--job", job_id, "--wait")

    # -- the server ---------------------------------------------------------------------------

    def start(self, *options: str) -> None:
        """Starts the server and trusts its certificate authority in this process only."""
        with (self.directory / "server.log").open("w") as log:
            self._process = subprocess.Popen(
                [str(self.binary), "--data", str(self.data)]
                + ["serve", "--listen", "127.0.0.1:0", *options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.origin = self._wait_until_ready()
        self._trust(self.data / "tls" / "ca.pem")

    def stop(self) -> None:
        """Ends the server, forgets its authority and removes the data directory."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOPPED_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
        for name, value in self._outer_environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(self.directory, ignore_errors=True)

    def log_tail(self) -> str:
        log = self.directory / "server.log"
        if not log.exists():
            return ""
        return "server log:\n" + "\n".join(log.read_text().splitlines()[-40:])

    def _wait_until_ready(self) -> str:
        assert self._process is not None and self._process.stdout is not None
        # Reading a pipe cannot time out, so a server that never gets ready is ended instead.
        watchdog = threading.Timer(READY_WITHIN_SECONDS, self._process.kill)
        watchdog.start()
        try:
            for line in self._process.stdout:
                if line.startswith("listening on "):
                    # Sign-in libraries and the certificate know the server as localhost.
                    port = line.strip().rsplit(":", 1)[1].rstrip("/")
                    threading.Thread(target=self._process.stdout.read, daemon=True).start()
                    return f"https://localhost:{port}"
        finally:
            watchdog.cancel()
        raise AssertionError(f"the server ended or stayed silent\n{self.log_tail()}")

    def _trust(self, authority: Path) -> None:
        """httpx reads SSL_CERT_FILE, azure-identity (requests) reads REQUESTS_CA_BUNDLE."""
        for name, value in {
            "SSL_CERT_FILE": str(authority),
            "REQUESTS_CA_BUNDLE": str(authority),
            "NO_PROXY": "localhost,127.0.0.1",
        }.items():
            self._outer_environment[name] = os.environ.get(name)
            os.environ[name] = value
