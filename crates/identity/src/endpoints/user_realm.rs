//! `GET /common/userrealm/{user}`: where a user's password is checked. Always here; it says nothing
//! about whether the user exists.

use serde_json::json;
use syncline_access::Refusal;

use crate::asked::Asked;
use crate::reply::Reply;
use crate::{Identity, oauth_error};

pub(crate) fn get(identity: &Identity, asked: &Asked) -> Reply {
    oauth_error::answer(identity, asked, || answer(identity, asked))
}

fn answer(identity: &Identity, asked: &Asked) -> Result<Reply, Refusal> {
    let (_, domain) = asked.user.rsplit_once('@').unwrap_or_default();
    let is_ours = identity
        .store
        .read(|reader| reader.tenant_of_domain(domain))?
        .is_some();
    let (_, host) = identity
        .access
        .public_url()
        .split_once("://")
        .unwrap_or_default();
    Ok(Reply::json(
        200,
        &json!({
            "ver": "1.0",
            "account_type": if is_ours { "Managed" } else { "Unknown" },
            "domain_name": domain,
            "cloud_instance_name": host,
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        }),
    ))
}
