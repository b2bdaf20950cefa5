//! `GET /{tenant}/discovery/v2.0/keys`: the keys that verify our tokens.

use crate::asked::Asked;
use crate::reply::Reply;
use crate::{Identity, oauth_error, tenant_name};

pub(crate) fn get(identity: &Identity, asked: &Asked) -> Reply {
    oauth_error::answer(identity, asked, || {
        tenant_name::resolve(identity, &asked.tenant)?;
        Ok(Reply::public_json(&identity.access.jwks()?))
    })
}
