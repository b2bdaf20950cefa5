//! `/policies/crossTenantAccessPolicy`: whom a tenant lets in, and how.

pub mod blocks;
pub mod default;
pub mod get;
pub mod identity_synchronization;
pub mod partners;
