//! The name of an external user tells people where he is at home: `alias_home.example#EXT#@…`. A
//! source may compose it as it likes, but not so that its people seem to come from another tenant
//! (or from the target itself), or take the names that another tenant's people will need.

use syncline_engine::Fault;
use syncline_model::b2b;
use syncline_store::Reader;

use super::fault;
use super::homes::Homes;
use super::values::SIGN_IN_NAME;

/// Why nobody of this source gets this name; `None` of one that they may have.
pub(super) fn refusal(
    homes: &mut Homes<'_>,
    reader: &Reader<'_>,
    name: &str,
) -> Result<Option<Fault>, Fault> {
    let Some((_, domain)) = b2b::home_name(name) else {
        return Ok(None);
    };
    Ok(homes.is_elsewhere(reader, domain)?.then(|| {
        fault::invalid(
            SIGN_IN_NAME,
            format!(
                "The domain {domain} in the userPrincipalName is verified in another tenant than the source. Compose the name of a domain of the source tenant."
            ),
        )
    }))
}
