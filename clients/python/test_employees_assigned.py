"""Ten thousand people, of whom only the Sales group is assigned."""

from __future__ import annotations

import pytest

import employees
import walkthrough as how_to
from employees import cycle
from graph_client import query
from syncline_server import Syncline
from walk import Walk

employees.folder()

SERVE_OPTIONS = ("--no-scheduler",)
IN_SALES = 1273


def prepare(syncline: Syncline) -> None:
    employees.prepare_tenants(syncline)


@pytest.fixture(scope="module")
async def walk(syncline: Syncline) -> Walk:
    return await employees.configure(syncline, sync_all=False)


@pytest.fixture(scope="module")
async def sales(walk: Walk):
    """The Sales group of the source, found by its name."""
    groups = walk.source_reader().client.groups
    (group,) = (await groups.get(query(groups, filter="displayName eq 'Sales'"))).value
    return groups.by_group_id(group.id)


async def test_group_is_in_scope(walk: Walk, sales) -> None:
    """Exactly the members arrive, with their manager where he is a member too."""
    await how_to.assign(walk, (await sales.get()).id)
    await how_to.step_11_start(walk)
    people = {one["userPrincipalName"]: one for one in employees.rows("users.csv")}
    members = {
        row["member"] for row in employees.rows("groups.csv") if row["displayName"] == "Sales"
    }
    assert len(members) == IN_SALES
    managed = sum(people[member]["manager"] in members for member in members)
    cycle(
        walk,
        "initial",
        created=IN_SALES,
        referencesSet=managed,
        referencesPending=IN_SALES - managed,
    )
    users = walk.target_reader().client.users
    count = await users.count.get(query(users.count, headers={"ConsistencyLevel": "eventual"}))
    assert count == IN_SALES


async def test_member_leaves_the_group(walk: Walk, sales) -> None:
    """Out of scope is as good as deleted: into the target's recycle bin."""
    managers = {one["manager"] for one in employees.rows("users.csv")}
    members = (await sales.members.graph_user.get()).value
    leaver = next(user for user in members if user.user_principal_name not in managers)
    await sales.members.by_directory_object_id(leaver.id).ref.delete()
    report = walk.syncline.run_job(walk.job)
    assert report["kind"] == "incremental"
    assert report["state"] == "Succeeded"
    assert report["counts"]["deleted"] == 1
    assert report["counts"]["created"] == report["counts"]["updated"] == 0
    deleted = await walk.target_reader().client.directory.deleted_items.graph_user.get()
    assert [user.display_name for user in deleted.value] == [leaver.display_name]
    users = walk.target_reader().client.users
    count = await users.count.get(query(users.count, headers={"ConsistencyLevel": "eventual"}))
    assert count == IN_SALES - 1


async def test_nobody_else_leaves(walk: Walk) -> None:
    report = walk.syncline.run_job(walk.job)
    counts = report["counts"]
    assert (counts["created"], counts["updated"], counts["deleted"]) == (0, 0, 0)
