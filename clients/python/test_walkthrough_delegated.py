"""The twelve steps by people: only the how-to's scopes, only the how-to's directory roles."""

from __future__ import annotations

import pytest

import delegated
from syncline_server import Syncline
from twelve_steps import TwelveSteps, look_up_people, prepare_pair
from walk import HOW_TO_PERMISSIONS, MIXED, Walk

PAIR = "people"
TARGET_SCOPES = ["Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"]


def prepare(syncline: Syncline) -> None:
    prepare_pair(syncline, PAIR, admin=True)


@pytest.fixture(scope="module")
async def walk(syncline: Syncline) -> Walk:
    """Both administrators consent once; then two people without any other right do the work."""
    source, target = syncline.pair(PAIR)
    walk = Walk.app_only(syncline, MIXED, source, target)
    walk.source_scopes = [f"{syncline.origin}/{scope}" for scope in HOW_TO_PERMISSIONS]
    walk.target_scopes = [f"{syncline.origin}/{scope}" for scope in TARGET_SCOPES]
    await look_up_people(walk)
    in_source = await delegated.create_person(
        walk.source_reader(),
        source,
        "operator",
        [
            delegated.SECURITY_ADMINISTRATOR,
            delegated.HYBRID_IDENTITY_ADMINISTRATOR,
            delegated.CLOUD_APPLICATION_ADMINISTRATOR,
        ],
    )
    in_target = await delegated.create_person(
        walk.target_reader(), target, "guard", [delegated.SECURITY_ADMINISTRATOR]
    )
    for tenant, scopes in ((source, walk.source_scopes), (target, walk.target_scopes)):
        assert "error" not in delegated.admin_consent(syncline.origin, tenant, scopes).query
    walk.source_credential = delegated.DeviceSignIn(syncline.origin, source, in_source).credential
    walk.target_credential = delegated.DeviceSignIn(syncline.origin, target, in_target).credential
    return walk


class TestTwelveSteps(TwelveSteps):
    pass
