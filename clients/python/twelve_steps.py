"""The walk as tests in order, shared by the suites that differ only in who signs in."""

from __future__ import annotations

import walkthrough as how_to
from graph_client import query
from people import PEOPLE, write_people
from syncline_server import Syncline, Tenant
from walk import Walk

PERSON, COLLEAGUE, SELLER = "Ada Lovelace", "Grace Hopper", "Linus Ångström"
UNASSIGNED = "Mia Møller"


async def look_up_people(walk: Walk) -> None:
    """Object ids of the source's imported people by display name; its administrator is not one."""
    graph = walk.source_reader()
    found = await graph.client.users.get(query(graph.client.users, select=["id", "displayName"]))
    ids = {user.display_name: user.id for user in found.value}
    walk.users = {display_name: ids[display_name] for _, display_name, *_ in PEOPLE}


class TwelveSteps:
    """Subclasses provide the module-scoped fixture `walk`."""

    def test_step_01_sign_in(self, walk: Walk) -> None:
        how_to.step_01_sign_in(walk)

    async def test_step_02_enable_user_synchronization(self, walk: Walk) -> None:
        await how_to.step_02_enable_user_synchronization(walk)

    async def test_step_03_redeem_inbound(self, walk: Walk) -> None:
        await how_to.step_03_redeem_inbound(walk)

    async def test_step_04_redeem_outbound(self, walk: Walk) -> None:
        await how_to.step_04_redeem_outbound(walk)

    async def test_step_05_create_configuration(self, walk: Walk) -> None:
        await how_to.step_05_create_configuration(walk)

    async def test_step_06_test_connection(self, walk: Walk) -> None:
        await how_to.step_06_test_connection(walk)

    async def test_step_07_create_job(self, walk: Walk) -> None:
        await how_to.step_07_create_job(walk)

    async def test_step_07_scoping_filter(self, walk: Walk) -> None:
        await how_to.limit_to_department(walk, "Marketing")

    async def test_step_08_save_credentials(self, walk: Walk) -> None:
        await how_to.step_08_save_credentials(walk)

    async def test_step_09_assign(self, walk: Walk) -> None:
        await how_to.step_09_assign(walk, [PERSON, COLLEAGUE, SELLER])

    async def test_step_10_provision_on_demand(self, walk: Walk) -> None:
        await how_to.step_10_provision_on_demand(walk, PERSON, UNASSIGNED)

    async def test_step_11_start(self, walk: Walk) -> None:
        await how_to.step_11_start(walk)

    async def test_first_cycle(self, walk: Walk) -> None:
        """Marketing's assigned people arrive, and the manager who came late is set."""
        report = walk.syncline.run_job(walk.job)
        assert report["jobId"] == walk.job
        assert report["state"] == "Succeeded"
        colleague = await how_to.find_in_target(walk, COLLEAGUE)
        person = await how_to.find_in_target(walk, PERSON)
        target = walk.target_reader()
        manager = await target.client.users.by_user_id(person.id).manager.get()
        assert manager.id == colleague.id
        assert manager.odata_type == "#microsoft.graph.user"
        users = await target.client.users.get()
        names = {user.display_name for user in users.value}
        assert names & set(walk.users) == {PERSON, COLLEAGUE}

    async def test_step_12_monitor(self, walk: Walk) -> None:
        await how_to.step_12_monitor(walk, COLLEAGUE, f"grace@{walk.source.domain}")


def prepare_pair(syncline: Syncline, name: str, admin: bool = False) -> tuple[Tenant, Tenant]:
    """A source tenant with a few people, and an empty target."""
    domains = f"contoso-{name}.example", f"fabrikam-{name}.example"
    source, target = (
        syncline.create_tenant(domain, display_name, f"admin@{domain}" if admin else None)
        for domain, display_name in zip(domains, ("Contoso", "Fabrikam"), strict=True)
    )
    syncline.import_people(source, write_people(syncline.directory, source.domain))
    return source, target
