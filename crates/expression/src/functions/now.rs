//! `Now()`

use syncline_model::Value;

use super::{Call, Evaluated, Example, Function, Missing, Nulls, Returns, Varies};
use crate::datetime;

pub static FUNCTION: Function = Function {
    name: "Now",
    summary: "Gives the present time in UTC, another one each time; map it at creation only.",
    parameters: &[],
    returns: Returns::DateText,
    nulls: Nulls::Special(Missing::Never, "takes no argument"),
    varies: Varies::WithTime,
    check: None,
    examples: &[Example::new("Now()", "{}", r#""2/10/2024 3:33:38 PM""#)],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(Value::text(datetime::general(call.now()))))
}
