//! A mail address is one person's in the target, whoever writes it first. A source may map to `mail` what
//! it likes, but not an address at a domain that is verified in another tenant: that tenant's people (or the target's
//! own, whose administrators can not take it back from a job) would be refused for it.
//!
//! Only addresses that are unique in the target are guarded. `otherMails` takes nothing from anybody, and people do
//! have a second address with somebody else; `proxyAddresses` follows `mail` and can not be mapped.

use syncline_engine::Fault;
use syncline_store::Reader;

use super::fault;
use super::homes::Homes;

/// Why nobody of this source gets this mail address, with this code; `None` of one that they may have.
pub(super) fn refusal(
    homes: &mut Homes<'_>,
    reader: &Reader<'_>,
    address: &str,
    code: &str,
) -> Result<Option<Fault>, Fault> {
    let Some((_, domain)) = address.rsplit_once('@') else {
        return Ok(None);
    };
    Ok(homes.is_elsewhere(reader, domain)?.then(|| Fault {
        action: Some(
            "Let the mapping of mail yield an address at a domain of the source tenant or at one that is no tenant's here, or nothing: the account needs no mail address.",
        ),
        ..fault::invalid(
            code,
            format!(
                "The domain {domain} in the mail address is verified in another tenant than the source, whose people need its addresses."
            ),
        )
    }))
}
