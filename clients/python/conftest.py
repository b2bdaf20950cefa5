"""One server for each test module, in a data directory that the module prepares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

# The shared steps are full of assertions; failing ones shall show the values they compared.
pytest.register_assert_rewrite(
    "employees",
    "graph_client",
    "provisioning_log",
    "shapes",
    "steps_configuration",
    "steps_people",
    "steps_policy",
    "twelve_steps",
)

from syncline_server import Syncline  # noqa: E402  (after the line above, on purpose)


@pytest.fixture(scope="module")
def syncline(request: pytest.FixtureRequest) -> Iterator[Syncline]:
    """Runs the module's `prepare(syncline)` on the quiet data directory, then serves it."""
    server = Syncline()
    try:
        request.module.prepare(server)
        server.start(*getattr(request.module, "SERVE_OPTIONS", ()))
        yield server
    finally:
        server.stop()
