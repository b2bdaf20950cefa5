//! The name of an external user tells people where he is at home: `alias_home.example#EXT#@…`. A
//! source may compose it as it likes, but not so that its people seem to come from another tenant
//! (or from the target itself), or take the names that another tenant's people will need.

use std::collections::HashMap;

use syncline_engine::{Fault, Operation};
use syncline_model::{Attr, EntityKind, Value};
use syncline_store::Reader;

use super::drafted::Drafted;
use super::values::SIGN_IN_NAME;
use super::{LocalTarget, fault};

const EXTERNAL: &str = "#EXT#";

/// Which domains are another tenant's, asked once per page.
#[derive(Default)]
pub(super) struct Homes(HashMap<String, bool>);

impl Homes {
    /// Why this name is refused, if it is.
    pub(super) fn refusal(
        &mut self,
        target: &LocalTarget,
        reader: &Reader<'_>,
        name: &str,
    ) -> Result<Option<Fault>, Fault> {
        let Some(domain) = home_domain(name) else {
            return Ok(None);
        };
        let elsewhere = match self.0.get(domain) {
            Some(elsewhere) => *elsewhere,
            None => {
                let home = reader.tenant_of_domain(domain).map_err(fault::broken)?;
                let elsewhere = home.is_some_and(|home| home.id != target.source);
                self.0.insert(domain.to_owned(), elsewhere);
                elsewhere
            }
        };
        Ok(elsewhere.then(|| {
            fault::invalid(
                SIGN_IN_NAME,
                format!(
                    "The domain {domain} in the userPrincipalName is verified in another tenant than the source. Compose the name of a domain of the source tenant."
                ),
            )
        }))
    }
}

/// The name of a user that an operation sets; of a create, that of its draft, which is what is written.
pub(super) fn set_by<'o>(
    operation: &'o Operation,
    draft: Option<&'o Result<Drafted, Fault>>,
) -> Option<&'o str> {
    let value = match operation {
        Operation::Create { kind, .. } if *kind == EntityKind::User => {
            return draft?.as_ref().ok()?.name.as_deref();
        }
        Operation::Update { kind, set, .. } | Operation::Restore { kind, set, .. }
            if *kind == EntityKind::User =>
        {
            set.iter()
                .find(|(attr, _)| *attr == Attr::USER_PRINCIPAL_NAME)
                .and_then(|(_, value)| value.as_ref())
        }
        _ => None,
    };
    value.and_then(Value::as_text)
}

/// `home.example` of `alias_home.example#EXT#@…`. Domains hold no underscore, aliases may.
fn home_domain(name: &str) -> Option<&str> {
    let (alias, _) = name.split_once('@')?;
    let (_, domain) = alias.strip_suffix(EXTERNAL)?.rsplit_once('_')?;
    Some(domain)
}
