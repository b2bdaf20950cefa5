"""Ten thousand people with Sync All: the first cycle, and what each later change costs."""

from __future__ import annotations

import pytest

import employees
import walkthrough as how_to
from employees import cycle
from graph_client import query
from syncline_server import Syncline
from walk import Walk, job_of

employees.folder()

SERVE_OPTIONS = ("--no-scheduler",)
RETURNING_MANAGER = "kaijung.riesenhuber.10420@contoso.example"
PENDING = 2926
STILL_PENDING = 1097


def prepare(syncline: Syncline) -> None:
    employees.prepare_tenants(syncline)


@pytest.fixture(scope="module")
async def walk(syncline: Syncline) -> Walk:
    return await employees.configure(syncline, sync_all=True)


@pytest.fixture(scope="module")
def person() -> dict[str, str]:
    """Somebody who works here, manages nobody, and whose manager works here too."""
    people = employees.rows("users.csv")
    enabled = {one["userPrincipalName"] for one in people if one["accountEnabled"] == "true"}
    managers = {one["manager"] for one in people}
    return next(
        one
        for one in people
        if one["userPrincipalName"] in enabled - managers and one["manager"] in enabled
    )


async def in_target(walk: Walk, upn: str):
    """The synchronized twin of a source user, found by the employee number in the name."""
    users = walk.target_reader().client.users
    number = upn.split("@")[0].rsplit(".", 1)[1]
    found = await users.get(
        query(
            users,
            filter=f"employeeId eq '{number}'",
            select=["id", "department", "accountEnabled", "userType", "userPrincipalName"],
        )
    )
    return found.value[0] if found.value else None


def source_user(walk: Walk, upn: str):
    return walk.source_reader().client.users.by_user_id(upn)


async def test_first_cycle(walk: Walk) -> None:
    """8,064 people are created; the 1,936 who left are skipped; three managers are missing."""
    walk.users["gone"] = (await source_user(walk, RETURNING_MANAGER).get()).id
    walk.rule = (await job_of(walk).schema.get()).synchronization_rules[0].id
    # Step 10 with somebody who left the company: not provisioned, and not counted later.
    refused = await how_to.provision(walk, walk.users["gone"])
    assert refused["statusInfo"]["status"] == "Skipped"
    await how_to.step_11_start(walk)
    report = cycle(
        walk,
        "initial",
        created=8064,
        skipped=1936,
        referencesSet=5138,
        referencesPending=PENDING,
    )
    assert sum(report["skippedByReason"].values()) == 1936
    users = walk.target_reader().client.users
    count = await users.count.get(query(users.count, headers={"ConsistencyLevel": "eventual"}))
    assert count == 8064


async def test_log_of_the_first_cycle(walk: Walk) -> None:
    """Page after page; the largest one, of 1,000 or 4 MiB, is left as JSON, which is quicker to read."""
    graph = walk.in_source("v1.0")
    log = graph.client.audit_logs.provisioning
    page = await log.get(query(log, filter=f"jobId eq '{walk.job}'", top=50))
    assert len(page.value) == 50
    assert {item.job_id for item in page.value} == {walk.job}
    second = await log.with_url(page.odata_next_link).get()
    assert {item.id for item in second.value}.isdisjoint(item.id for item in page.value)

    await graph.send("GET", f"auditLogs/provisioning?$filter=jobId eq '{walk.job}'&$top=1000")
    items = graph.json["value"]
    while len(items) < 1000:
        await graph.send("GET", graph.json["@odata.nextLink"].split("/v1.0/", 1)[1])
        items += graph.json["value"]
    assert len({item["id"] for item in items}) == len(items)
    assert {item["jobId"] for item in items} == {walk.job}
    assert graph.json["@odata.nextLink"]


async def test_nothing_changed(walk: Walk) -> None:
    before = await newest_entries(walk)
    cycle(walk, "incremental", skipped=0, referencesPending=PENDING)
    assert await newest_entries(walk) == before


async def newest_entries(walk: Walk) -> list[str]:
    """The newest entries stand for the log: a cycle that wrote would put itself in front."""
    log = walk.in_source("v1.0").client.audit_logs.provisioning
    newest = await log.get(query(log, top=5, orderby=["activityDateTime desc"]))
    return [item.id for item in newest.value]


async def test_manager_returns(walk: Walk) -> None:
    """One user is created, and everybody who waited for him gets him without a restart."""
    graph = walk.source_reader()
    await source_user(walk, RETURNING_MANAGER).patch(graph.model("User", account_enabled=True))
    cycle(walk, "incremental", created=1, referencesSet=1830, referencesPending=STILL_PENDING)
    manager = await in_target(walk, RETURNING_MANAGER)
    reports = walk.target_reader().client.users.by_user_id(manager.id).direct_reports
    assert len((await reports.get()).value) > 0


async def test_department_changes(walk: Walk, person: dict[str, str]) -> None:
    graph = walk.source_reader()
    user = source_user(walk, person["userPrincipalName"])
    await user.patch(graph.model("User", department="Astronomy"))
    cycle(walk, "incremental", updated=1, referencesPending=STILL_PENDING)
    assert (await in_target(walk, person["userPrincipalName"])).department == "Astronomy"


async def test_user_is_disabled(walk: Walk, person: dict[str, str]) -> None:
    graph = walk.source_reader()
    user = source_user(walk, person["userPrincipalName"])
    await user.patch(graph.model("User", account_enabled=False))
    cycle(walk, "incremental", disabled=1, referencesPending=STILL_PENDING)
    assert (await in_target(walk, person["userPrincipalName"])).account_enabled is False
    await user.patch(graph.model("User", account_enabled=True))
    cycle(walk, "incremental", updated=1, referencesPending=STILL_PENDING)
    assert (await in_target(walk, person["userPrincipalName"])).account_enabled is True


async def test_user_is_deleted_and_restored(walk: Walk, person: dict[str, str]) -> None:
    """Into the target's recycle bin, and out of it again as the same object with his manager."""
    upn = person["userPrincipalName"]
    source, target = walk.source_reader().client, walk.target_reader().client
    source_id = (await source_user(walk, upn).get()).id
    twin = await in_target(walk, upn)
    manager = await target.users.by_user_id(twin.id).manager.get()

    await source.users.by_user_id(source_id).delete()
    cycle(walk, "incremental", deleted=1, referencesPending=STILL_PENDING)
    assert await in_target(walk, upn) is None
    deleted = await target.directory.deleted_items.graph_user.get()
    assert [user.id for user in deleted.value] == [twin.id]

    await source.directory.deleted_items.by_directory_object_id(source_id).restore.post()
    restored = walk.syncline.run_job(walk.job)
    assert restored["kind"] == "incremental"
    assert restored["counts"]["restored"] == 1
    assert restored["counts"]["created"] == 0
    assert restored["counts"]["referencesPending"] == STILL_PENDING
    assert (await in_target(walk, upn)).id == twin.id
    assert (await target.users.by_user_id(twin.id).manager.get()).id == manager.id
    assert (await target.directory.deleted_items.graph_user.get()).value == []


async def test_nothing_is_left_to_do(walk: Walk) -> None:
    cycle(walk, "incremental", skipped=0, referencesPending=STILL_PENDING)
