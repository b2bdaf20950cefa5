//! `syncline expression`: the mapping language by itself. Nothing here opens a data directory.

mod carets;
pub mod check;
pub mod eval;
pub mod list;
pub mod repl;

use std::borrow::Cow;
use std::path::Path;

use serde_json::{Value as Json, json};
use syncline_expression::{
    AttributeInfo, AttributeTypes, Context, Diagnostic, Limits, Program, Sample, compile_with,
};
use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Clock as _, EntityKind, Ids as _, Schema, Timestamp, Value};

use crate::failure::Failure;
use crate::output::{self, Format};
use crate::seam::{SystemClock, SystemIds};

/// What an expression may name and depend on.
#[derive(Clone, Debug)]
pub struct Input {
    /// `None`: the attributes of a user, without values.
    sample: Option<Sample>,
    context: Context,
    limits: Limits,
}

impl Input {
    /// `attributes` is a JSON object, or the path of a file that holds one.
    pub fn new(
        attributes: Option<&str>,
        now: Option<Timestamp>,
        seed: Option<u64>,
        default_domain: Option<String>,
        length: usize,
    ) -> Result<Self, Failure> {
        Ok(Self {
            sample: attributes.map(sample).transpose()?,
            context: Context {
                now: now.unwrap_or_else(|| SystemClock.now()),
                default_domain: default_domain.map(Into::into),
                seed: seed.unwrap_or_else(|| SystemIds::default().random_uuid().as_u64_pair().0),
            },
            limits: Limits::with_length(length),
        })
    }

    fn compile(&self, expression: &str) -> Result<Program, Vec<Diagnostic>> {
        compile_with(expression, self, &self.limits)
    }
}

fn sample(attributes: &str) -> Result<Sample, Failure> {
    let help = "write an object such as {\"mail\": \"ana@contoso.example\", \"city\": null}";
    let (text, whose) = if attributes.trim_start().starts_with('{') {
        (attributes.to_owned(), "--attributes".to_owned())
    } else {
        let path = Path::new(attributes);
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::file("read", path, &error).with_help(help))?;
        (text, attributes.to_owned())
    };
    // Windows tools like to begin a text with a byte order mark.
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Json::Object(members)) => Ok(Sample::from_json(&members)),
        Ok(_) => Err(Failure::new(format!("{whose} is not a JSON object")).with_help(help)),
        Err(error) => Err(Failure::new(format!("{whose} cannot be read: {error}")).with_help(help)),
    }
}

impl AttributeTypes for Input {
    fn resolve(&self, name: &str) -> Option<AttributeInfo> {
        match &self.sample {
            Some(sample) => sample.resolve(name),
            None => Schema::core().of(EntityKind::User).resolve(name),
        }
    }

    fn names(&self) -> Vec<String> {
        match &self.sample {
            Some(sample) => sample.names(),
            None => Schema::core().of(EntityKind::User).names(),
        }
    }

    fn other_name(&self, name: &str) -> Option<String> {
        match &self.sample {
            Some(_) => None,
            None => Schema::core().of(EntityKind::User).other_name(name),
        }
    }

    fn no_name(&self, name: &str) -> Option<&'static str> {
        match &self.sample {
            Some(_) => None,
            None => Schema::core().of(EntityKind::User).no_name(name),
        }
    }
}

impl Attributes for Input {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        self.sample.as_ref()?.value(attr)
    }
}

/// What is wrong, for programs: in the form of every command that fails, and beside it all of it with its places.
fn wrong(diagnostics: &[Diagnostic]) -> Json {
    let first = diagnostics.first();
    let message = first.map_or_else(
        || "the expression is wrong".to_owned(),
        |it| format!("{}: {}", it.code, it.message),
    );
    let mut error = json!({ "message": message });
    if let Some(help) = first.and_then(|it| it.help.as_ref()) {
        error["help"] = help.as_str().into();
    }
    json!({ "error": error, "diagnostics": diagnostics })
}

/// Says what is wrong: with carets to people, as data to programs.
fn report(expression: &str, diagnostics: &[Diagnostic], format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => {
            output::note(&carets::draw(expression, diagnostics));
            Ok(())
        }
        Format::Json => output::document(&format!("{:#}", wrong(diagnostics))),
    }
}
