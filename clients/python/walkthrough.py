"""The twelve steps of Microsoft's cross-tenant synchronization how-to, one function per step.

Each step makes the how-to's call through an official client and checks what the how-to prints: the
status, the keys (nulls included) and the answers to the mistakes it describes.
"""

from steps_configuration import (
    limit_to_department,
    step_05_create_configuration,
    step_06_test_connection,
    step_07_create_job,
    step_08_save_credentials,
)
from steps_people import (
    assign,
    find_in_target,
    find_role,
    provision,
    provision_subject,
    step_09_assign,
    step_10_provision_on_demand,
    step_11_start,
    step_12_monitor,
    subject,
)
from steps_policy import (
    step_01_sign_in,
    step_02_enable_user_synchronization,
    step_03_redeem_inbound,
    step_04_redeem_outbound,
)
from walk import Walk


async def configure(walk: Walk, sync_all: bool) -> Walk:
    """Steps 1 to 8."""
    step_01_sign_in(walk)
    await step_02_enable_user_synchronization(walk)
    await step_03_redeem_inbound(walk)
    await step_04_redeem_outbound(walk)
    await step_05_create_configuration(walk)
    await step_06_test_connection(walk)
    await step_07_create_job(walk)
    await step_08_save_credentials(walk, sync_all=sync_all)
    return walk


__all__ = [
    "configure",
    "step_01_sign_in",
    "step_02_enable_user_synchronization",
    "step_03_redeem_inbound",
    "step_04_redeem_outbound",
    "step_05_create_configuration",
    "step_06_test_connection",
    "step_07_create_job",
    "limit_to_department",
    "step_08_save_credentials",
    "find_role",
    "assign",
    "step_09_assign",
    "provision",
    "provision_subject",
    "subject",
    "find_in_target",
    "step_10_provision_on_demand",
    "step_11_start",
    "step_12_monitor",
]
