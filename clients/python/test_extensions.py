"""Directory extensions through the typed clients: registered, set, read back, imported, gone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from graph_client import Graph, client_secret, query, refused
from syncline_server import Syncline, Tenant

DOMAIN = "contoso-extensions.example"


def prepare(syncline: Syncline) -> None:
    syncline.create_tenant(DOMAIN, "Contoso")


@pytest.fixture(scope="module")
def tenant(syncline: Syncline) -> Tenant:
    return syncline.tenants[DOMAIN]


@pytest.fixture(params=["v1.0", "beta"])
def graph(request: pytest.FixtureRequest, syncline: Syncline, tenant: Tenant) -> Graph:
    return Graph(syncline.origin, request.param, client_secret(syncline.origin, tenant))


async def register(graph: Graph, name: str, data_type: str, many: bool = False):
    """An extension of users on an application of its own: the builder of the list, and the extension."""
    application = await graph.client.applications.post(
        graph.model("Application", display_name="Personnel")
    )
    extensions = graph.client.applications.by_application_id(application.id).extension_properties
    created = await extensions.post(
        graph.model(
            "ExtensionProperty",
            name=name,
            data_type=data_type,
            is_multi_valued=many,
            target_objects=["User", "Group"],
        )
    )
    assert graph.status == 201
    assert created.name == f"extension_{application.app_id.replace('-', '')}_{name}"
    return extensions, created


async def create_user(graph: Graph, **values: object):
    name = f"zoe-{uuid4().hex[:8]}"
    return await graph.client.users.post(
        graph.model(
            "User",
            account_enabled=True,
            display_name=name,
            mail_nickname=name,
            user_principal_name=f"{name}@{DOMAIN}",
            password_profile=graph.model("PasswordProfile", password="Correct-Horse-7-Battery"),
            **values,
        )
    )


async def test_extension_life(graph: Graph) -> None:
    """Registered, found, set at creation and later, filtered by, cleared, deleted."""
    extensions, code = await register(graph, "jobCode", "String")
    skills_of, skills = await register(graph, "skills", "String", many=True)
    assert [one.name for one in (await extensions.get()).value] == [code.name]
    one = extensions.by_extension_property_id(code.id)
    assert (await one.get()).app_display_name == "Personnel"
    # The beta client has no builder for it.
    await graph.send(
        "POST",
        "directoryObjects/getAvailableExtensionProperties",
        {"isSyncedFromOnPremises": False},
    )
    assert {code.name, skills.name} <= {one["name"] for one in graph.json["value"]}
    if graph.base.endswith("v1.0"):
        listed = await graph.client.directory_objects.get_available_extension_properties.post(
            graph.body(
                "directory_objects.get_available_extension_properties",
                "GetAvailableExtensionPropertiesPostRequestBody",
                is_synced_from_on_premises=False,
            )
        )
        assert {code.name, skills.name} <= {one.name for one in listed.value}

    created = await create_user(graph, additional_data={code.name: "A1"})
    item = graph.client.users.by_user_id(created.id)
    await item.patch(graph.model("User", additional_data={skills.name: ["Rust", "SQL"]}))
    assert graph.status == 204
    assert code.name not in (await item.get()).additional_data, "only with $select"
    read = await item.get(query(item, select=["id", code.name, skills.name]))
    assert read.additional_data[code.name] == "A1"
    assert read.additional_data[skills.name] == ["Rust", "SQL"]

    users = graph.client.users
    for filter_ in (f"{code.name} eq 'A1'", f"{skills.name}/any(s:s eq 'Rust')"):
        found = await users.get(
            query(users, {"ConsistencyLevel": "eventual"}, filter=filter_, count=True)
        )
        assert [user.id for user in found.value] == [created.id]

    await item.patch(graph.model("User", additional_data={code.name: None}))
    await item.get(query(item, select=[code.name]))
    assert graph.json[code.name] is None

    await one.delete()
    assert graph.status == 204
    await skills_of.by_extension_property_id(skills.id).delete()
    await item.get(query(item, select=["id", skills.name]))
    assert skills.name not in graph.json
    await refused(
        item.patch(graph.model("User", additional_data={skills.name: ["x"]})),
        400,
        "Request_BadRequest",
    )


async def test_extensions_are_columns_of_an_import(
    graph: Graph, syncline: Syncline, tenant: Tenant
) -> None:
    _, skills = await register(graph, "skills", "String", many=True)
    _, level = await register(graph, "level", "Integer")
    name = f"ida-{uuid4().hex[:8]}@{DOMAIN}"
    users = syncline.directory / f"users-{graph.base[-4:].strip('/.')}.csv"
    users.write_text(
        f"userPrincipalName,displayName,{skills.name},{level.name}\n{name},Ida,Rust;SQL,7\n",
        encoding="utf-8",
    )
    syncline.import_people(tenant, users)
    item = graph.client.users.by_user_id(name)
    await item.get(query(item, select=[skills.name, level.name]))
    assert (graph.json[skills.name], graph.json[level.name]) == (["Rust", "SQL"], 7)


async def test_a_value_of_another_type_is_refused(graph: Graph) -> None:
    _, level = await register(graph, "level", "Integer")
    created = await create_user(graph)
    item = graph.client.users.by_user_id(created.id)
    for bad in ("seven", 2**31, [1]):
        error = await refused(
            item.patch(graph.model("User", additional_data={level.name: bad})),
            400,
            "Request_BadRequest",
        )
        assert level.name in error.message
