//! `GET …/schema/functions`: the functions that an expression may call, from the language's own
//! table.

use serde_json::{Value as Json, json};
use syncline_expression::Function;
use syncline_expression::functions::FunctionParameter;
use syncline_model::Problem;

use crate::actions::whole;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn functions(call: &Call<'_>) -> Result<Reply, Problem> {
    super::known(call)?;
    whole::list(call, syncline_expression::functions().len())?;
    let items = syncline_expression::functions()
        .iter()
        .map(|function| show(function))
        .collect();
    Ok(Collection::new(call, "functions", items).reply())
}

fn show(function: &Function) -> Json {
    // Graph's type has an id, its pages show a name.
    json!({
        "id": function.name,
        "name": function.name,
        "parameters": function.parameters.iter().map(parameter).collect::<Vec<_>>(),
    })
}

fn parameter(parameter: &FunctionParameter) -> Json {
    json!({
        "name": parameter.name,
        "type": parameter.kind.graph_name(),
        "required": parameter.required,
        "allowMultipleOccurrences": parameter.repeating,
    })
}
