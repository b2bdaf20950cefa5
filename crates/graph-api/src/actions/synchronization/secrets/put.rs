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
        let configuration = resolve::configuration(call, tx)?;
        Secrets::merge(tx, call.tenant(), configuration.service_principal, &pairs)
    })?;
    Ok(Reply::no_content())
}
