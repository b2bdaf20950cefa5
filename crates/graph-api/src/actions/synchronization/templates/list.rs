//! `GET …/synchronization/templates`.

use syncline_model::Problem;

use super::show;
use crate::actions::synchronization::resolve;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/templates",
        configuration.service_principal
    );
    Ok(Collection::new(call, &context, vec![show(&configuration)]).reply())
}
