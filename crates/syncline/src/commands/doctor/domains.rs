//! By which domains tenants are found, beside which domains they say that they have.

use std::collections::BTreeMap;

use syncline_model::fold::fold;
use syncline_store::StoreError;

use super::Check;
use super::known::Few;
use super::subject::Subject;
use crate::app::App;
use crate::failure::{Failure, RESTORE};

/// In one snapshot: they are as few as tenants. What a tenant says whose row can not be read is not known.
pub(super) fn check(app: &App, of: &Subject) -> Result<Check, Failure> {
    let mut wrong = Few::default();
    let count = app.store.read(|reader| {
        let mut said = BTreeMap::new();
        let mut unread = Vec::new();
        for id in reader.tenant_ids()? {
            match reader.tenant(id) {
                Err(StoreError::Damaged(_)) => unread.push(id),
                tenant => {
                    let domains = tenant?.map(|it| it.domains).unwrap_or_default();
                    said.extend(domains.into_iter().map(|it| (fold(&it.name), id)));
                }
            }
        }
        let found = reader.domains()?;
        for (domain, tenant) in &found {
            let says = said.remove(domain);
            let known = tenant.is_some_and(|it| unread.contains(&it));
            if says != *tenant && !(known && says.is_none()) {
                wrong.add(domain.clone());
            }
        }
        for domain in said.into_keys() {
            wrong.add(domain);
        }
        Ok::<_, StoreError>(found.len())
    })?;
    Ok(match wrong.example {
        None => Check::ok(of, format!("{count} lead to their tenants")),
        Some(example) => Check::problem(
            of,
            format!(
                "{} do not lead to the tenant that has them, e.g. {example}",
                wrong.count
            ),
            RESTORE,
        ),
    })
}
