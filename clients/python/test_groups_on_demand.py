"""A group on demand, with the members that the request names in its links."""

from __future__ import annotations

from typing import Any

import pytest

import walkthrough as how_to
from graph_client import query, refused
from syncline_server import Syncline
from twelve_steps import look_up_people, prepare_pair
from walk import ALL_BETA, ALL_V1, Walk, job_of

VARIANTS = {"v1": ALL_V1, "beta": ALL_BETA}
NAMED, ALSO_NAMED, NOT_NAMED = "Ada Lovelace", "Grace Hopper", "Mia Møller"

SERVE_OPTIONS = ("--no-scheduler",)


def prepare(syncline: Syncline) -> None:
    for name in VARIANTS:
        prepare_pair(syncline, name)


@pytest.fixture(scope="module", params=list(VARIANTS))
async def walk(request: pytest.FixtureRequest, syncline: Syncline) -> Walk:
    source, target = syncline.pair(request.param)
    walk = Walk.app_only(syncline, VARIANTS[request.param], source, target)
    await look_up_people(walk)
    await how_to.configure(walk, sync_all=True)
    await allow_groups(walk)
    return walk


async def allow_groups(walk: Walk) -> None:
    """Groups are off at first, on both sides."""
    path = f"policies/crossTenantAccessPolicy/partners/{walk.source.id}/identitySynchronization"
    allowed = {"groupSyncInbound": {"isSyncAllowed": True}}
    await walk.in_target(walk.variant.policy).send("PATCH", path, allowed)
    schema = await job_of(walk).schema.get()
    rule = schema.synchronization_rules[0]
    walk.rule = rule.id
    for mapping in rule.object_mappings:
        # The client drops what its enum has no word for; a full replacement has to say it again.
        mapping.additional_data = {"flowTypes": "Add,Update,Delete"}
        mapping.enabled = True
    await job_of(walk).schema.patch(schema)


@pytest.fixture(scope="module")
async def group(walk: Walk) -> str:
    """The source's group of three people."""
    graph = walk.source_reader()
    people = [walk.users[name] for name in (NAMED, ALSO_NAMED, NOT_NAMED)]
    created = await graph.client.groups.post(
        graph.model(
            "Group",
            display_name="Marketing",
            mail_enabled=False,
            mail_nickname="marketing",
            security_enabled=True,
            additional_data={
                "members@odata.bind": [f"{graph.base}/directoryObjects/{id_}" for id_ in people]
            },
        )
    )
    return created.id


def people(walk: Walk, *names: str) -> list[Any]:
    graph = walk.in_source(walk.variant.synchronization)
    return [how_to.subject(graph, "User", walk.users[name]) for name in names]


async def provision(walk: Walk, kind: str, object_id: str, **links: Any) -> list[tuple[str, str]]:
    """Source id and action of everything that was tried."""
    graph = walk.in_source(walk.variant.synchronization)
    subject = how_to.subject(graph, kind, object_id, **links)
    done = await how_to.provision_subject(walk, subject)
    assert {one["statusInfo"]["status"] for one in done} == {"Success"}, done
    return [(one["sourceIdentity"]["id"], one["action"]) for one in done]


async def members_in_target(walk: Walk) -> set[str]:
    """Display names of the members of the synchronized group."""
    groups = walk.target_reader().client.groups
    (there,) = (await groups.get(query(groups, filter="displayName eq 'Marketing'"))).value
    members = await groups.by_group_id(there.id).members.graph_user.get()
    return {user.display_name for user in members.value}


async def test_named_members_come_with_their_group(walk: Walk, group: str) -> None:
    """The people first, then the group, then who is in it; whom nobody named stays out."""
    done = await provision(walk, "Group", group, members=people(walk, NAMED, ALSO_NAMED))
    assert done == [
        (walk.users[NAMED], "Create"),
        (walk.users[ALSO_NAMED], "Create"),
        (group, "Create"),
        (group, "Update"),
    ]
    assert await members_in_target(walk) == {NAMED, ALSO_NAMED}


async def test_a_named_member_who_left_is_removed(walk: Walk, group: str) -> None:
    members = walk.source_reader().client.groups.by_group_id(group).members
    await members.by_directory_object_id(walk.users[ALSO_NAMED]).ref.delete()
    await how_to.provision_subject(
        walk,
        how_to.subject(
            walk.in_source(walk.variant.synchronization),
            "Group",
            group,
            members=people(walk, ALSO_NAMED),
        ),
    )
    assert await members_in_target(walk) == {NAMED}


async def test_links_that_can_not_be_provisioned_are_refused(walk: Walk, group: str) -> None:
    """Nothing that was asked for is left out without a word."""
    (person,) = people(walk, NOT_NAMED)
    for kind, object_id, links in (
        ("Group", group, {"members": [person] * 6}),
        ("Group", group, {"owners": [person]}),
        ("Group", group, {"manager": person}),
        ("User", walk.users[NAMED], {"members": [person]}),
        ("User", walk.users[NAMED], {"manager": person}),
    ):
        await refused(provision(walk, kind, object_id, **links), 400, "Request_BadRequest")
    assert await members_in_target(walk) == {NAMED}
