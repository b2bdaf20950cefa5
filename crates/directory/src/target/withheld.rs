//! Values of `SelectUniqueValue` about which the target says nothing, since nobody of this source could have them
//! ([`refusals`](super::refusals) would refuse them): addresses at another tenant's domain, the target's own among
//! them, and names that are no external user's of this source. A source that was told which of them are free would learn
//! who is in the target, a guess after the other, without writing anything.

use syncline_engine::{Fault, LookupQuery};
use syncline_store::{KeyName, Reader, Tenant};

use super::find::key;
use super::homes::Homes;
use super::values::INVITATION;
use super::{LocalTarget, b2b_user, home_address, home_name};

/// Of each look-up, in order. No object is looked at: the answer is the same whoever has the value.
pub(super) fn withholds(
    target: &LocalTarget,
    reader: &Reader<'_>,
    queries: &[LookupQuery],
) -> Result<Vec<bool>, Fault> {
    let tenant = target.tenant(reader)?;
    let mut homes = Homes::new(target);
    queries
        .iter()
        .map(|query| is_withheld(target, &tenant, &mut homes, reader, query))
        .collect()
}

fn is_withheld(
    target: &LocalTarget,
    tenant: &Tenant,
    homes: &mut Homes<'_>,
    reader: &Reader<'_>,
    query: &LookupQuery,
) -> Result<bool, Fault> {
    let LookupQuery::Taken { kind, value, .. } = query else {
        return Ok(false);
    };
    // What no key finds is refused where it is looked for.
    let Some(key) = key(target.source, query, *kind) else {
        return Ok(false);
    };
    match key.name {
        // As it would be looked for: folded.
        KeyName::ProxyAddress => {
            let refusal = home_address::refusal(homes, reader, &key.value, INVITATION)?;
            Ok(refusal.is_some())
        }
        KeyName::UserPrincipalName => {
            let Some(name) = value.to_text() else {
                return Ok(true);
            };
            Ok(b2b_user::check_sign_in_name(&name, tenant).is_err()
                || home_name::refusal(homes, reader, &name)?.is_some())
        }
        _ => Ok(false),
    }
}
