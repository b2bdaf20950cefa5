//! What `serve` can be told, by a flag or a variable: `docs/reference/settings.md` lists it as it is.

use std::fmt::Write as _;

use clap::Arg;

use super::config;

fn settings() -> Vec<Arg> {
    let mut settings = config::flags();
    settings.sort_by_key(|it| it.get_long().map(str::to_owned));
    settings
}

/// A row: flag, variable, what holds without either, meaning.
fn row(setting: &Arg) -> String {
    let mut flag = format!("--{}", setting.get_long().expect("a flag has a name"));
    if setting.get_action().takes_values() {
        let values: Vec<String> = setting
            .get_possible_values()
            .iter()
            .map(|it| it.get_name().to_owned())
            .collect();
        let value = match setting.get_value_names() {
            _ if !values.is_empty() => values.join("\\|"),
            Some(names) => names[0].to_string(),
            None => String::new(),
        };
        write!(flag, " {value}").unwrap();
    }
    let variable = setting.get_env().expect("a test demands one");
    let help = setting.get_help().expect("a test demands it").to_string();
    // What clap does not fill in by itself, the help says.
    let (meaning, said) = match help.split_once(" [default: ") {
        Some((meaning, default)) => (meaning.to_owned(), default.trim_end_matches(']').to_owned()),
        None => (help, String::new()),
    };
    let default = match setting.get_default_values() {
        [] if said.is_empty() => "–".to_owned(),
        [] => said,
        [value, ..] => format!("`{}`", value.to_string_lossy()),
    };
    format!(
        "| `{flag}` | `{}` | {default} | {meaning} |",
        variable.to_string_lossy()
    )
}

#[test]
fn every_flag_of_serve_has_a_variable() {
    for setting in settings() {
        assert!(
            setting.get_env().is_some(),
            "--{} has no variable",
            setting.get_id()
        );
    }
}

#[test]
fn the_reference_lists_every_setting_as_it_is() {
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/settings.md"
    );
    let text = std::fs::read_to_string(page).unwrap();
    let (_, rest) = text.split_once("<!-- settings -->\n").unwrap();
    let (listed, _) = rest.split_once("<!-- end -->").unwrap();
    let mut table =
        String::from("| flag | variable | default | what |\n| --- | --- | --- | --- |\n");
    for setting in settings() {
        writeln!(table, "{}", row(&setting)).unwrap();
    }
    assert!(
        listed == table,
        "put this between the marks of docs/reference/settings.md:\n{table}"
    );
}
