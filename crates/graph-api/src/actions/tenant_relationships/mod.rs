//! `/tenantRelationships`.

pub mod find_tenant_information;
