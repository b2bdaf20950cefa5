//! `…/synchronization/secrets`.

pub mod count;
pub mod get;
pub mod keys;
pub mod put;

use syncline_model::Problem;
use syncline_runner::Secrets;

use crate::{Body, Call};

/// `[{key, value}]` under `property`, with known keys only, in Graph's case, and with values that they may have.
pub fn checked(
    call: &Call<'_>,
    body: &Body,
    property: &str,
) -> Result<Vec<(String, String)>, Problem> {
    let pairs = pairs(body, property)?;
    for (key, value) in &pairs {
        Secrets::check(key, value, call.tenant())?;
    }
    Ok(pairs)
}

fn pairs(body: &Body, property: &str) -> Result<Vec<(String, String)>, Problem> {
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
