"""Users and groups through the typed clients: the habits of everyday scripts, on both versions."""

from __future__ import annotations

from uuid import uuid4

import pytest

from graph_client import Graph, client_secret, query, refused, refused_with
from syncline_server import Syncline, Tenant

DOMAIN = "contoso-directory.example"
MANY = 130  # more than one default page of 100


def prepare(syncline: Syncline) -> None:
    tenant = syncline.create_tenant(DOMAIN, "Contoso")
    header = "userPrincipalName,displayName,givenName,surname,department,jobTitle"
    rows = [
        f"person{number:03}@{DOMAIN},Person {number:03},Person,{number:03},"
        f"{'Sales' if number % 2 else 'Marketing'},Tester"
        for number in range(MANY)
    ]
    users = syncline.directory / "users.csv"
    users.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    groups = syncline.directory / "groups.csv"
    members = [f"Readers,person{number:03}@{DOMAIN}" for number in range(3)]
    groups.write_text("\n".join(["displayName,member", *members]) + "\n", encoding="utf-8")
    syncline.import_people(tenant, users, groups)


@pytest.fixture(scope="module")
def tenant(syncline: Syncline) -> Tenant:
    return syncline.tenants[DOMAIN]


@pytest.fixture(params=["v1.0", "beta"])
def graph(request: pytest.FixtureRequest, syncline: Syncline, tenant: Tenant) -> Graph:
    return Graph(syncline.origin, request.param, client_secret(syncline.origin, tenant))


def new_user(graph: Graph, name: str, **values: object):
    return graph.model(
        "User",
        account_enabled=True,
        display_name=name,
        mail_nickname=name,
        user_principal_name=f"{name}@{DOMAIN}",
        password_profile=graph.model("PasswordProfile", password="Correct-Horse-7-Battery"),
        **values,
    )


def unique(word: str) -> str:
    return f"{word}-{uuid4().hex[:8]}"


async def create_user(graph: Graph, word: str, **values: object):
    return await graph.client.users.post(new_user(graph, unique(word), **values))


async def create_group(graph: Graph, word: str):
    name = unique(word)
    return await graph.client.groups.post(
        graph.model(
            "Group",
            display_name=name,
            mail_nickname=name,
            mail_enabled=False,
            security_enabled=True,
        )
    )


# -- users ------------------------------------------------------------------------------------


async def test_user_life(graph: Graph) -> None:
    """Create, read by id and by name, change, clear, delete."""
    created = await create_user(graph, "zoe", department="Research")
    assert graph.status == 201
    assert graph.json["@odata.context"] == f"{graph.base}/$metadata#users/$entity"
    assert "department" not in graph.json, "only the default set without $select"
    item = graph.client.users.by_user_id(created.id)
    assert (await item.get()).user_principal_name == created.user_principal_name
    by_name = graph.client.users.by_user_id(created.user_principal_name)
    assert (await by_name.get()).id == created.id

    await item.patch(graph.model("User", department="Sales", job_title="Søren's aide"))
    assert graph.status == 204
    read = await item.get(query(item, select=["department", "jobTitle", "userType"]))
    assert (read.department, read.job_title, read.user_type) == ("Sales", "Søren's aide", "Member")
    await item.patch(graph.model("User", additional_data={"department": None}))
    await item.get(query(item, select=["department"]))
    assert graph.json["department"] is None

    await item.delete()
    assert graph.status == 204
    await refused(item.get(), 404, "Request_ResourceNotFound")


async def test_user_name_is_unique(graph: Graph) -> None:
    created = await create_user(graph, "twin")
    name = created.user_principal_name.split("@")[0]
    error = await refused(graph.client.users.post(new_user(graph, name)), 400, "Request_BadRequest")
    text = "Another object with the same value for property userPrincipalName already exists."
    assert error.message == text
    assert [(one.code, one.target) for one in error.details] == [
        ("ObjectConflict", "userPrincipalName")
    ]


async def test_bad_users_are_refused(graph: Graph) -> None:
    """A foreign domain, a missing name, an unknown property: nothing is created."""
    foreign = new_user(graph, unique("foreign"))
    foreign.user_principal_name = f"{unique('foreign')}@elsewhere.example"
    await refused(graph.client.users.post(foreign), 400, "Request_BadRequest")
    nameless = new_user(graph, unique("nameless"))
    nameless.display_name = None
    await refused(graph.client.users.post(nameless), 400, "Request_BadRequest")
    odd = new_user(graph, unique("odd"))
    odd.additional_data = {"shoeSize": 44}
    await refused(graph.client.users.post(odd), 400, "Request_BadRequest")
    for user in (foreign, odd):
        nickname = f"mailNickname eq '{user.mail_nickname}'"
        users = graph.client.users
        assert (await users.get(query(users, filter=nickname))).value == []


async def test_deleted_user_comes_back(graph: Graph) -> None:
    """Deleted, listed, restored with the same id; deleted again and gone for good."""
    created = await create_user(graph, "phoenix", department="Sales")
    item = graph.client.users.by_user_id(created.id)
    await item.delete()
    bin_ = graph.client.directory.deleted_items
    listed = await bin_.graph_user.get(query(bin_.graph_user, select=["id", "deletedDateTime"]))
    mine = [user for user in listed.value if user.id == created.id]
    assert mine[0].deleted_date_time is not None
    deleted = bin_.by_directory_object_id(created.id)
    assert (await deleted.get()).odata_type == "#microsoft.graph.user"

    restored = await deleted.restore.post()
    assert restored.id == created.id
    read = await item.get(query(item, select=["userPrincipalName", "department"]))
    assert read.user_principal_name == created.user_principal_name
    assert read.department == "Sales"

    await item.delete()
    await deleted.delete()
    assert graph.status == 204
    await refused(deleted.get(), 404, "Request_ResourceNotFound")
    await refused(deleted.restore.post(), 404, "Request_ResourceNotFound")


async def test_manager(graph: Graph) -> None:
    """Unset, set by reference, read, expanded, removed."""
    head = await create_user(graph, "head")
    user = graph.client.users.by_user_id((await create_user(graph, "report")).id)
    await refused(user.manager.get(), 404, "Request_ResourceNotFound")
    await user.manager.ref.put(
        graph.model("ReferenceUpdate", odata_id=f"https://graph.microsoft.com/v1.0/users/{head.id}")
    )
    assert graph.status == 204
    manager = await user.manager.get()
    assert (manager.id, manager.odata_type) == (head.id, "#microsoft.graph.user")
    reports = await graph.client.users.by_user_id(head.id).direct_reports.get()
    assert len(reports.value) == 1
    await user.manager.ref.delete()
    assert graph.status == 204
    await refused(user.manager.ref.delete(), 404, "Request_ResourceNotFound")


# -- lists --------------------------------------------------------------------------------------


async def test_pages(graph: Graph) -> None:
    """A default page holds 100; the next link leads on until everybody was seen exactly once."""
    users = graph.client.users
    page = await users.get()
    assert len(page.value) == 100
    assert page.odata_next_link.startswith(graph.base)
    assert "skiptoken=" in page.odata_next_link
    seen = await rest_of(users, page)
    assert len(seen) == len(set(seen)) >= MANY

    small = await users.get(query(users, top=50, select=["id"]))
    assert len(small.value) == 50
    assert set(graph.json["value"][0]) == {"id"}
    assert set(await rest_of(users, small)) == set(seen)


async def rest_of(builder, page) -> list[str]:
    seen = [item.id for item in page.value]
    while page.odata_next_link:
        assert len(seen) < 10_000, "the pages do not end"
        page = await builder.with_url(page.odata_next_link).get()
        seen += [item.id for item in page.value]
    return seen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("displayName eq 'Person 007'", ["Person 007"]),
        ("displayname eq 'person 007'", ["Person 007"]),
        ("startsWith(displayName, 'Person 01')", [f"Person {n:03}" for n in range(10, 20)]),
        (
            "startsWith(displayName,'Person 00') and department eq 'Sales'",
            [f"Person {n:03}" for n in (1, 3, 5, 7, 9)],
        ),
        ("displayName in ('Person 001', 'Person 002')", ["Person 001", "Person 002"]),
        (
            f"userPrincipalName eq 'person003@{DOMAIN}' or displayName eq 'Person 004'",
            ["Person 003", "Person 004"],
        ),
        ("displayName eq 'nobody''s name'", []),
    ],
)
async def test_filter(graph: Graph, text: str, expected: list[str]) -> None:
    users = graph.client.users
    found = await users.get(query(users, filter=text, select=["id", "displayName"]))
    assert sorted(user.display_name for user in found.value) == expected


async def test_order_and_count(graph: Graph) -> None:
    users = graph.client.users
    page = await users.get(
        query(
            users,
            headers={"ConsistencyLevel": "eventual"},
            filter="startsWith(displayName,'Person')",
            orderby=["displayName desc"],
            count=True,
            top=3,
        )
    )
    assert [user.display_name for user in page.value] == ["Person 129", "Person 128", "Person 127"]
    assert page.odata_count == MANY
    count = users.count
    number = await count.get(query(count, headers={"ConsistencyLevel": "eventual"}))
    assert number >= MANY


@pytest.mark.parametrize(
    "text", ["displayName eq", "shoeSize eq 44", "contains(displayName,'x')", "displayName eq 7"]
)
async def test_bad_filters_are_refused(graph: Graph, text: str) -> None:
    users = graph.client.users
    error = await refused_with(users.get(query(users, filter=text)), {400})
    assert error.code in ("Request_UnsupportedQuery", "BadRequest", "Request_BadRequest")


# -- delta --------------------------------------------------------------------------------------


async def test_delta(graph: Graph) -> None:
    """The first round tells everybody; the delta link then tells what changed, and only that."""
    delta = graph.client.users.delta
    page = await delta.get(query(delta, select=["displayName", "department"]))
    seen: list[str] = []
    while True:
        seen += [user.id for user in page.value]
        if page.odata_delta_link:
            break
        page = await delta.with_url(page.odata_next_link).get()
    assert len(set(seen)) >= MANY

    created = await create_user(graph, "newcomer", department="Sales")
    gone = await create_user(graph, "leaver")
    await graph.client.users.by_user_id(gone.id).delete()
    page = await delta.with_url(page.odata_delta_link).get()
    assert page.odata_delta_link
    changes = {user["id"]: user for user in graph.json["value"]}
    assert set(changes) == {created.id, gone.id}
    assert changes[created.id]["department"] == "Sales"
    assert changes[gone.id]["@removed"] == {"reason": "changed"}
    quiet = await delta.with_url(page.odata_delta_link).get()
    assert quiet.value == []
    assert quiet.odata_delta_link


# -- groups -------------------------------------------------------------------------------------


async def test_imported_group(graph: Graph) -> None:
    """groups.csv made one security group of that name with its members."""
    groups = graph.client.groups
    found = await groups.get(query(groups, filter="displayName eq 'Readers'"))
    (readers,) = found.value
    assert (readers.security_enabled, readers.mail_enabled) == (True, False)
    members = await groups.by_group_id(readers.id).members.get()
    assert sorted(member.display_name for member in members.value) == [
        "Person 000",
        "Person 001",
        "Person 002",
    ]
    assert {member.odata_type for member in members.value} == {"#microsoft.graph.user"}


async def test_group_life(graph: Graph) -> None:
    group = await create_group(graph, "team")
    assert graph.status == 201
    item = graph.client.groups.by_group_id(group.id)
    await item.patch(graph.model("Group", description="who does what"))
    assert (await item.get()).description == "who does what"

    user = await create_user(graph, "member")
    reference = graph.model("ReferenceCreate", odata_id=f"{graph.base}/directoryObjects/{user.id}")
    await item.members.ref.post(reference)
    assert graph.status == 204
    assert [member.id for member in (await item.members.get()).value] == [user.id]
    member_of = await graph.client.users.by_user_id(user.id).member_of.get()
    assert [one.id for one in member_of.value] == [group.id]
    twice = await refused(item.members.ref.post(reference), 400, "Request_BadRequest")
    assert "already exist" in twice.message
    nobody = graph.model("ReferenceCreate", odata_id=f"{graph.base}/directoryObjects/{uuid4()}")
    await refused(item.members.ref.post(nobody), 404, "Request_ResourceNotFound")

    await item.members.by_directory_object_id(user.id).ref.delete()
    assert graph.status == 204
    assert (await item.members.get()).value == []
    await refused(
        item.members.by_directory_object_id(user.id).ref.delete(), 404, "Request_ResourceNotFound"
    )
    await item.delete()
    assert graph.status == 204
    await refused(item.get(), 404, "Request_ResourceNotFound")


async def test_nothing_is_half_applied(graph: Graph) -> None:
    """A PATCH with one bad value changes none of the others."""
    created = await create_user(graph, "whole", department="Sales")
    item = graph.client.users.by_user_id(created.id)
    bad = graph.model("User", department="Research", additional_data={"accountEnabled": "perhaps"})
    await refused(item.patch(bad), 400, "Request_BadRequest")
    assert (await item.get(query(item, select=["department"]))).department == "Sales"
