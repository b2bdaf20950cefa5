//! Cross-tenant access policy beyond steps 2 to 4.

mod blocked;
mod blocks;
mod identity_synchronization;
mod partners;

use super::callers::everything;
use super::setup::PARTNERS;
use crate::world::{Client, World};

const NOBODY: &str = "01234567-89ab-4def-8123-456789abcdef";

/// Fabrikam's administrator, and Contoso's id.
fn fabrikam(world: &World) -> (Client<'_>, String) {
    (
        everything(world, "fabrikam"),
        world.tenants.contoso.id.to_string(),
    )
}

fn partners(tail: &str) -> String {
    format!("/v1.0{PARTNERS}{tail}")
}
