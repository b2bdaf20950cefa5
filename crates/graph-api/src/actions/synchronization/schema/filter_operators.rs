//! `GET …/schema/filterOperators`: what a clause of a scoping filter may say.

use serde_json::json;
use syncline_engine::schema::FILTER_OPERATORS;
use syncline_model::Problem;

use crate::actions::whole;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn filter_operators(call: &Call<'_>) -> Result<Reply, Problem> {
    super::known(call)?;
    whole::list(call, FILTER_OPERATORS.len())?;
    let items = FILTER_OPERATORS
        .iter()
        .map(|operator| {
            json!({
                "id": operator.name,
                "name": operator.name,
                "arity": operator.arity(),
                "multivaluedComparisonType": operator.multivalued,
                "supportedAttributeTypes": operator.types,
            })
        })
        .collect();
    Ok(Collection::new(call, "filterOperators", items).reply())
}
