//! `PUT …/synchronization/secrets`: sets these keys and leaves the others; an empty value removes.

use syncline_engine::notification_settings;
use syncline_model::{Problem, TenantId};
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
        check(key, value, call.tenant())?;
    }
    call.write(|tx, _| {
        let configuration = resolve::configuration(call, tx)?;
        Secrets::merge(tx, call.tenant(), configuration.service_principal, &pairs)
    })?;
    Ok(Reply::no_content())
}

/// A switch that is neither on nor off would only be noticed in the middle of a cycle, and settings that
/// are passed over when more is deleted than somebody allowed.
fn check(key: &str, value: &str, own: TenantId) -> Result<(), Problem> {
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
        // Whether another tenant exists here is told by `validateCredentials`, with what its policy says.
        "CompanyId" => match value.parse::<TenantId>() {
            Err(_) => Err(refused("a tenant id")),
            Ok(tenant) if tenant == own => Err(refused(
                "the id of the target tenant. This is the source tenant itself",
            )),
            Ok(_) => Ok(()),
        },
        "SyncNotificationSettings" => match notification_settings::read(value) {
            Ok(_) => Ok(()),
            Err(wrong) => Err(Problem::bad_request(format!(
                "The value of the secret '{key}' is not valid: {wrong}."
            ))),
        },
        _ => Ok(()),
    }
}
