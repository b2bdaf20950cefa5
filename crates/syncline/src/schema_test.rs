//! `syncline schema test`: unit tests for mappings.

use std::path::{Path, PathBuf};

use serde_json::json;
use syncline_engine::schema::{Types, compile_with, declared, received};
use syncline_engine::trial::{self, Report, Suite};
use syncline_engine::{Rule, template};
use syncline_expression::Limits;
use syncline_model::{Clock as _, Schema};
use uuid::Uuid;

use crate::failure::Failure;
use crate::output::{self, Format};
use crate::seam::SystemClock;

/// So many of the ways that no case goes are named.
const NAMED: usize = 20;

/// Runs the suite in `file` and prints its report; false when a case fails or `min_coverage` of a
/// hundred branches are not reached.
pub fn run(file: &Path, min_coverage: usize, format: Format) -> Result<bool, Failure> {
    let suite: Suite = serde_json::from_str(&read(file)?).map_err(|error| {
        Failure::new(format!("{} cannot be read: {error}", file.display()))
            .with_help("docs/recipes/test-a-mapping.md shows what a file of cases holds")
    })?;
    let (rules, source, target) = rules(file, &suite)?;
    // Whoever has it in his pipeline believes that something is tested.
    if suite.cases.is_empty() {
        return Err(Failure::new(format!("{} has no cases", file.display()))
            .with_help("docs/recipes/test-a-mapping.md shows what a file of cases holds"));
    }
    let types = Types {
        source: &source,
        target: &target,
    };
    let report = trial::run(&suite, &rules, types, SystemClock.now());
    let good = report.failed() == 0 && report.percent() >= min_coverage;
    match format {
        Format::Json => output::document(&format!(
            "{:#}",
            json!({
                "cases": report.cases,
                "failed": report.failed(),
                "coverage": {
                    "percent": report.percent(),
                    "branches": report.branches,
                    "reached": report.reached,
                    "missed": report.missed,
                },
            })
        ))?,
        Format::Text => output::print(&text(&report, min_coverage))?,
    }
    Ok(good)
}

fn read(file: &Path) -> Result<String, Failure> {
    let text =
        std::fs::read_to_string(file).map_err(|error| Failure::file("read", file, &error))?;
    // Windows tools like to begin a text with a byte order mark.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// The rules of the suite's schema, or of the default one, and what may be inside the objects of both
/// ends: the extensions that the schema lists belong to them.
fn rules(file: &Path, suite: &Suite) -> Result<(Vec<Rule>, Schema, Schema), Failure> {
    let (schema, whose) = match &suite.schema {
        None => (
            template::azure2azure(template::AZURE2AZURE, Uuid::nil()),
            PathBuf::from("the default schema"),
        ),
        Some(path) => {
            let path = file.parent().unwrap_or(Path::new("")).join(path);
            let text = read(&path)?;
            let json = serde_json::from_str(&text).map_err(|error| error.to_string());
            let schema = json.and_then(|json| received(json).map_err(|it| it.message));
            let schema = schema.map_err(|problem| {
                Failure::new(format!("{} is no schema: {problem}", path.display()))
                    .with_help("save what `GET …/synchronization/jobs/{id}/schema` answers")
            })?;
            (schema, path)
        }
    };
    let (source, target) = declared(&schema);
    let types = Types {
        source: &source,
        target: &target,
    };
    // Nobody's limits but the language's own hold here: the server's are told where it is saved.
    let limits = Limits::with_length(Limits::LONGEST);
    let rules = compile_with(&schema, types, &limits).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(|it| format!("  {it}")).collect();
        let failure = Failure::new(format!(
            "{} is not valid:\n{}",
            whose.display(),
            all.join("\n")
        ));
        if all.iter().any(|it| it.contains("extension_")) {
            return failure.with_help(
                "no tenant was asked: the directory extensions known here are those that the schema's `directories` list; put there what `POST …/schema/directories/{id}/discover` answers",
            );
        }
        failure
    })?;
    Ok((rules, source, target))
}

fn text(report: &Report, min_coverage: usize) -> String {
    let mut text = String::new();
    for case in &report.cases {
        let mark = if case.problems.is_empty() {
            "ok  "
        } else {
            "FAIL"
        };
        text.push_str(&format!("{mark} {}\n", case.name));
        for problem in &case.problems {
            text.push_str(&format!("       {problem}\n"));
        }
    }
    let count = report.cases.len();
    text.push_str(&format!(
        "\n{} of {count} cases passed\n",
        count - report.failed()
    ));
    text.push_str(&format!(
        "{} of {} branches reached ({} %)\n",
        report.reached,
        report.branches,
        report.percent()
    ));
    for missed in report.missed.iter().take(NAMED) {
        text.push_str(&format!(
            "  not reached: {}: `{}` where {}\n",
            missed.place, missed.text, missed.way
        ));
    }
    if report.missed.len() > NAMED {
        text.push_str(&format!("  and {} more\n", report.missed.len() - NAMED));
    }
    if report.percent() < min_coverage {
        text.push_str(&format!("too few: {min_coverage} % are asked for\n"));
    }
    text
}
