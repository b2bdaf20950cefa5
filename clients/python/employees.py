"""The ten thousand people of the employees data set, and the two tenants made from them."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

import pytest

import walkthrough as how_to
from syncline_server import Syncline
from walk import MIXED, Walk

SOURCE, TARGET = "contoso.example", "fabrikam.example"
ABSENT = "SYNCLINE_DATASET does not name the folder of the employees data set"


def folder() -> Path:
    """The data set's folder; without it the whole module is skipped, and says why."""
    named = os.environ.get("SYNCLINE_DATASET", "")
    candidates = (Path(named), Path(named) / "employees") if named else ()
    for candidate in candidates:
        if (candidate / "users.csv").is_file():
            return candidate
    pytest.skip(ABSENT, allow_module_level=True)


def rows(file: str) -> list[dict[str, str]]:
    with (folder() / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def prepare_tenants(syncline: Syncline) -> None:
    """Two tenants without an administrator, so that nobody but the employees can be counted."""
    source = syncline.create_tenant(SOURCE, "Contoso")
    syncline.create_tenant(TARGET, "Fabrikam")
    began = time.monotonic()
    syncline.import_people(source, folder() / "users.csv", folder() / "groups.csv")
    print(f"\nimport of 10,000 people and 9 groups: {time.monotonic() - began:.1f} s")


async def configure(syncline: Syncline, sync_all: bool) -> Walk:
    """Steps 1 to 8 of the how-to."""
    walk = Walk.app_only(syncline, MIXED, syncline.tenants[SOURCE], syncline.tenants[TARGET])
    await how_to.configure(walk, sync_all)
    walk.role = await how_to.find_role(walk)
    return walk


def cycle(walk: Walk, kind: str, **expected: int) -> dict:
    """Runs a cycle; every count that is not named must be zero, except what it left alone."""
    report = walk.syncline.run_job(walk.job)
    assert report["kind"] == kind, report
    assert report["state"] == "Succeeded", report
    counts = dict(report["counts"])
    print(f"\n{kind} cycle in {report['durationMs']} ms: {counts} {report['skippedByReason']}")
    names = {
        "created",
        "updated",
        "disabled",
        "deleted",
        "restored",
        "escrowed",
        "staged",
        "referencesSet",
        "referencesRemoved",
        *expected,
    }
    wanted = dict.fromkeys(names, 0) | expected
    assert {name: counts[name] for name in wanted} == wanted
    return report
