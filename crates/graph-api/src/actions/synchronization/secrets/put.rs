//! `PUT …/synchronization/secrets`: sets these keys and leaves the others; an empty value removes.

use syncline_model::Problem;
use syncline_runner::Secrets;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn put(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("")?;
    body.only(&["value"])?;
    let pairs = super::checked(call, &body, "value")?;
    call.write(|tx, _| {
        // What an earlier version has stored for one of Microsoft's own can be taken away.
        let configuration = match pairs.iter().all(|(_, value)| value.is_empty()) {
            true => resolve::configuration(call, tx)?,
            false => resolve::own_configuration(call, tx)?,
        };
        Secrets::merge(tx, call.tenant(), configuration.service_principal, &pairs)
    })?;
    Ok(Reply::no_content())
}
