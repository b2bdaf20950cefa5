//! `…/synchronization/secrets`.

pub mod count;
pub mod get;
pub mod keys;
pub mod put;

use syncline_model::Problem;

use crate::Body;

/// `[{key, value}]` under `property`, with known keys only, in Graph's case.
pub fn pairs(body: &Body, property: &str) -> Result<Vec<(String, String)>, Problem> {
    let sent = body
        .objects(property)?
        .ok_or_else(|| body.missing(property))?;
    sent.iter()
        .map(|pair| {
            pair.only(&["key", "value"])?;
            let key = pair.required_text("key")?;
            let key = keys::known(key).ok_or_else(|| {
                Problem::bad_request(format!("'{key}' is not a synchronization secret key."))
            })?;
            Ok((
                key.to_owned(),
                pair.text("value")?.unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}
