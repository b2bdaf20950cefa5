//! Ids of Microsoft's own that only tenants know.

use uuid::uuid;

/// The tenant Microsoft registers its own applications in.
pub(super) const MICROSOFT_TENANT_ID: uuid::Uuid = uuid!("f8cdef31-a31e-4b4a-93e4-5f571e91255a");
