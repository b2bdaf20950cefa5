//! Creates a tenant.

use syncline_model::well_known::GRAPH_POWERSHELL_APP_ID;
use syncline_model::{Ids, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::{Domain, StoreError, Stored, Tenant, Tx};

use super::{administration, domains, graph, rename};
use crate::{Context, service_principals};

/// A tenant to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTenant {
    /// A new random id when absent.
    pub id: Option<TenantId>,
    /// Taken as verified; becomes the default domain.
    pub domain: String,
    pub display_name: String,
}

/// A tenant just created.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedTenant {
    pub tenant: Tenant,
    pub graph_service_principal: ObjectId,
    /// The application that may do everything here; its secret is `access`'s to make.
    pub application: Stored,
    pub service_principal: Stored,
}

/// Creates a tenant with its domains, the service principals clients look for, and the
/// administration application. It has no users.
pub fn create(
    tx: &mut Tx<'_>,
    ids: &dyn Ids,
    now: Timestamp,
    new: NewTenant,
) -> Result<CreatedTenant, Problem> {
    rename::check(&new.display_name)?;
    let domain = domains::checked(&new.domain)?;
    domains::refuse_taken(tx, &domain)?;
    let initial = domains::initial(tx, &domain)?;
    let mut verified = vec![Domain {
        name: initial.clone(),
        is_default: initial == domain,
        is_initial: true,
    }];
    if initial != domain {
        verified.push(Domain {
            name: domain,
            is_default: true,
            is_initial: false,
        });
    }
    let tenant = Tenant {
        id: new.id.unwrap_or_else(|| TenantId(ids.random_uuid())),
        display_name: new.display_name,
        created_at: now,
        domains: verified,
    };
    match tx.insert_tenant(&tenant) {
        Ok(()) => {}
        Err(StoreError::Taken) if tx.was_deleted(tenant.id)? => {
            return Err(Problem::conflict(format!(
                "a tenant with the id `{}` was deleted, and other tenants may trust it: no other gets that id",
                tenant.id
            )));
        }
        Err(StoreError::Taken) => {
            return Err(Problem::conflict(format!(
                "the tenant `{}` exists already",
                tenant.id
            )));
        }
        Err(error) => return Err(error.into()),
    }
    let context = Context {
        tenant: &tenant,
        now,
        ids,
    };
    let graph_service_principal = graph::create(tx, &context)?;
    service_principals::create(tx, &context, GRAPH_POWERSHELL_APP_ID)?;
    let (application, service_principal) =
        administration::create(tx, &context, graph_service_principal)?;
    Ok(CreatedTenant {
        graph_service_principal,
        application,
        service_principal,
        tenant,
    })
}
