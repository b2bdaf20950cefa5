"""The twelve steps with application tokens: as the how-to prints them, all v1.0, all beta, and with
an application that holds nothing but the how-to's four permissions."""

from __future__ import annotations

import pytest

import applications
from graph_client import Graph, client_secret, refused
from syncline_server import Syncline
from twelve_steps import TwelveSteps, look_up_people, prepare_pair
from walk import ALL_BETA, ALL_V1, HOW_TO_PERMISSIONS, MIXED, Walk, partner

VARIANTS = {"mixed": MIXED, "v1": ALL_V1, "beta": ALL_BETA, "least": MIXED}


def prepare(syncline: Syncline) -> None:
    for name in (*VARIANTS, "refused"):
        prepare_pair(syncline, name)


@pytest.fixture(scope="module", params=list(VARIANTS))
async def walk(request: pytest.FixtureRequest, syncline: Syncline) -> Walk:
    name = request.param
    source, target = syncline.pair(name)
    walk = Walk.app_only(syncline, VARIANTS[name], source, target)
    if name == "least":
        walk.source_credential, walk.target_credential = [
            await applications.register(
                Graph(syncline.origin, "v1.0", client_secret(syncline.origin, tenant)),
                syncline.origin,
                tenant,
                "Four permissions",
                HOW_TO_PERMISSIONS,
            )
            for tenant in (source, target)
        ]
        walk.exact_permissions = True
    await look_up_people(walk)
    return walk


class TestTwelveSteps(TwelveSteps):
    pass


async def test_missing_permission_is_refused(syncline: Syncline) -> None:
    """T.1: an application that may only read a policy cannot write one."""
    source, target = syncline.pair("refused")
    own = Graph(syncline.origin, "v1.0", client_secret(syncline.origin, source))
    reader = await applications.register(
        own, syncline.origin, source, "Reader", ["Policy.Read.All"]
    )
    graph = Graph(syncline.origin, "v1.0", reader)
    partners = graph.client.policies.cross_tenant_access_policy.partners
    assert (await partners.get()).value == []
    body = graph.model("CrossTenantAccessPolicyConfigurationPartner", tenant_id=target.id)
    error = await refused(partners.post(body), 403, "Authorization_RequestDenied")
    assert error.message == "Insufficient privileges to complete the operation."
    assert (await partners.get()).value == []


async def test_source_token_is_worth_nothing_in_the_target(syncline: Syncline) -> None:
    """What a source application writes lands in its own tenant; the target stays as it is."""
    source, target = syncline.pair("refused")
    of_source = Graph(syncline.origin, "v1.0", client_secret(syncline.origin, source))
    of_target = Graph(syncline.origin, "v1.0", client_secret(syncline.origin, target))
    ids = {user.id for user in (await of_target.client.users.get()).value}
    assert {user.id for user in (await of_source.client.users.get()).value}.isdisjoint(ids)
    await refused(partner(of_target, source.id).get(), 404, "Request_ResourceNotFound")
