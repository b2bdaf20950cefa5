//! `PUT …/synchronization/secrets`: sets these keys and leaves the others; an empty value removes.

use syncline_model::Problem;
use syncline_runner::Secrets;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

/// Longer than any token or connection string.
const LONGEST_VALUE: usize = 32 * 1024;

pub fn put(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("")?;
    body.only(&["value"])?;
    let pairs = super::pairs(&body, "value")?;
    for (key, value) in &pairs {
        check(key, value)?;
    }
    call.write(|tx, _| {
        let configuration = resolve::configuration(call, tx)?;
        Secrets::merge(tx, call.tenant(), configuration.service_principal, &pairs)
    })?;
    Ok(Reply::no_content())
}

/// A switch that is neither on nor off, or settings that are no JSON, would only be noticed in the
/// middle of a cycle.
fn check(key: &str, value: &str) -> Result<(), Problem> {
    let refused = |expected: &str| {
        Problem::bad_request(format!(
            "The value of the secret '{key}' is not valid. Expected: {expected}."
        ))
    };
    match key {
        _ if value.is_empty() => Ok(()),
        // They are read at every page of a cycle.
        _ if value.len() > LONGEST_VALUE => Err(refused(&format!("at most {LONGEST_VALUE} bytes"))),
        "SyncAll" | "SkipOutOfScopeDeletions" | "HardDeletesEnabled" => {
            if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
                Ok(())
            } else {
                Err(refused("true or false"))
            }
        }
        "CompanyId" if value.parse::<syncline_model::TenantId>().is_err() => {
            Err(refused("a tenant id"))
        }
        "SyncNotificationSettings" => {
            let settings: Option<serde_json::Map<String, serde_json::Value>> =
                serde_json::from_str(value).ok();
            settings
                .map(|_| ())
                .ok_or_else(|| refused("a JSON object as text"))
        }
        _ => Ok(()),
    }
}
