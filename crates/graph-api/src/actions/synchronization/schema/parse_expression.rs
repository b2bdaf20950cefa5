//! `POST …/schema/parseExpression`: reads an expression, and tries it on a test object.
//!
//! A wrong expression is an answer, not a failure: 200, with what is wrong in `error`.

use serde_json::{Value as Json, json};
use syncline_engine::schema::{AttributeDefinition, plain};
use syncline_expression::{Context, Diagnostic, EvaluationError, Limits, Outcome, Program};
use syncline_model::{Problem, Value};

use super::test_object::TestObject;
use crate::{Call, Reply};

pub fn parse_expression(call: &Call<'_>) -> Result<Reply, Problem> {
    super::known(call)?;
    let body = call.body("")?;
    body.only(&["expression", "targetAttributeDefinition", "testInputObject"])?;
    let text = body
        .text("expression")?
        .ok_or_else(|| body.missing("expression"))?;
    let target: Option<AttributeDefinition> = body
        .value("targetAttributeDefinition")
        .map(|it| serde_json::from_value(plain(it.clone())))
        .transpose()
        .map_err(|_| body.invalid("targetAttributeDefinition"))?;
    let object = TestObject::read(&body, &*call.schema()?)?;
    let limits = Limits::with_length(call.api.settings.expression_length);
    let answer = match syncline_expression::compile_with(text, &object, &limits) {
        Ok(program) => evaluate(call, &program, &object, target.as_ref())?,
        Err(diagnostics) => refused(text, &diagnostics),
    };
    let mut answer = answer;
    answer["@odata.context"] = call
        .context("microsoft.graph.parseExpressionResponse")
        .into();
    Ok(Reply::ok(answer))
}

/// The expression can be read; whether it can be run, the test object shows.
fn evaluate(
    call: &Call<'_>,
    program: &Program,
    object: &TestObject,
    target: Option<&AttributeDefinition>,
) -> Result<Json, Problem> {
    let mut answer = json!({
        "error": null,
        "evaluationSucceeded": false,
        "evaluationResult": [],
        "parsedExpression": program.source_tree(),
        "parsingSucceeded": true,
    });
    if !object.given {
        return Ok(answer);
    }
    let tenant = call
        .read(|reader| Ok(reader.tenant(call.tenant())?))?
        .ok_or_else(|| Problem::not_found(call.tenant()))?;
    let (seed, _) = call.api.ids.random_uuid().as_u64_pair();
    let context = Context {
        now: call.now,
        default_domain: Some(tenant.default_domain().into()),
        seed,
    };
    let outcome = program
        .evaluate(object, &context)
        .map_err(|error| failed(program, &error))
        .and_then(|outcome| {
            let values = values(outcome);
            misfit(&values, target).map_or(Ok(values), Err)
        });
    match outcome {
        Ok(values) => {
            answer["evaluationSucceeded"] = true.into();
            answer["evaluationResult"] =
                json!(values.iter().map(Value::display_text).collect::<Vec<_>>());
        }
        Err(error) => answer["error"] = error,
    }
    Ok(answer)
}

/// Every value of the outcome; none when there is none or the attribute does not flow.
fn values(outcome: Outcome) -> Vec<Value> {
    match outcome {
        Outcome::Ignored | Outcome::Value(None) => Vec::new(),
        Outcome::Value(Some(Value::List(values))) => values,
        Outcome::Value(Some(value)) => vec![value],
    }
}

/// What is wrong with these values in the target attribute that the caller describes.
fn misfit(values: &[Value], target: Option<&AttributeDefinition>) -> Option<Json> {
    let target = target?;
    let error = |message: String| json!({ "code": "EvaluationFailed", "message": message, "target": target.name, "details": [] });
    if values.len() > 1 && !target.multivalued {
        let message = format!(
            "`{}` takes one value, not {}; take one with `Item` or put them together with `Join`",
            target.name,
            values.len()
        );
        return Some(error(message));
    }
    values.iter().find(|value| !target.takes(value)).map(|_| {
        error(format!(
            "`{}` takes a value of type {}",
            target.name,
            target.kind.as_str()
        ))
    })
}

fn failed(program: &Program, error: &EvaluationError) -> Json {
    let mut json = json!({
        "code": error.code,
        "message": error.message,
        "details": [],
    });
    if let Some(span) = error.span {
        json["span"] = json!(span.place(program.text()));
    }
    json
}

/// Everything that is wrong, the first of it as the message: many clients print nothing else.
fn refused(text: &str, diagnostics: &[Diagnostic]) -> Json {
    let first = diagnostics.first();
    json!({
        "error": {
            "code": "ExpressionInvalid",
            "message": first.map(ToString::to_string),
            "details": diagnostics.iter().map(|it| detail(text, it)).collect::<Vec<_>>(),
        },
        "evaluationSucceeded": false,
        "evaluationResult": [],
        "parsedExpression": null,
        "parsingSucceeded": false,
    })
}

/// Graph's `publicErrorDetail`, and what it has no room for.
fn detail(text: &str, diagnostic: &Diagnostic) -> Json {
    let span = diagnostic.span;
    json!({
        "code": diagnostic.code,
        "message": diagnostic.message,
        "target": text.get(span.start..span.end),
        "span": diagnostic.place,
        "help": diagnostic.help,
        "suggestion": diagnostic.suggestion,
    })
}
