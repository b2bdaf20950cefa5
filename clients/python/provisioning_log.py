"""Reads `auditLogs/provisioning` as the how-to does, and a page at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from graph_client import query
from walk import Walk


async def how_to_query(walk: Walk) -> list[dict[str, Any]]:
    """The how-to's query (12.5), over the days around now instead of its own day in 2022."""
    graph = walk.in_source(walk.variant.logs)
    now = datetime.now(UTC)
    since, until = ((now + timedelta(days=days)).date() for days in (-1, 2))
    principal = walk.service_principal
    log = graph.client.audit_logs.provisioning
    await log.get(
        query(
            log,
            filter=f"((contains(tolower(servicePrincipal/id), '{principal}')"
            f" or contains(tolower(servicePrincipal/displayName), '{principal}'))"
            f" and activityDateTime gt {since} and activityDateTime lt {until})",
            top=500,
            orderby=["activityDateTime desc"],
        )
    )
    assert graph.status == 200
    assert graph.json["@odata.context"].endswith("#auditLogs/provisioning")
    items = graph.json["value"]
    assert {item["servicePrincipal"]["id"] for item in items} == {principal}
    times = [item["activityDateTime"] for item in items]
    assert times == sorted(times, reverse=True)
    return items


async def in_pages(walk: Walk) -> None:
    """12.13: without options, and a page at a time by following the next link."""
    graph = walk.in_source(walk.variant.logs)
    log = graph.client.audit_logs.provisioning
    everything = [item.id for item in (await log.get()).value]
    page = await log.get(query(log, top=1))
    seen = [item.id for item in page.value]
    while page.odata_next_link:
        assert len(seen) < 1000, "the pages do not end"
        page = await log.with_url(page.odata_next_link).get()
        seen += [item.id for item in page.value]
    assert len(seen) > 1
    assert seen[: len(everything)] == everything
