//! The commands of a recipe do what the recipe says, typed as they stand there.

use std::process::Command;

use crate::support::{Syncline, stderr, stdout};

const FIRST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/recipes/first-synchronization.md"
));
/// The block that is typed in a second terminal.
const SERVE: &str = "syncline serve\n";
/// Where the recipe's server and its data are.
const SERVER: &str = "https://localhost:8443";
const DATA: &str = "syncline-data";

/// The fenced blocks of a page, each with its language, without the indentation of lists.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(opening) = lines.next() {
        let Some((indent, language)) = opening.split_once("```") else {
            continue;
        };
        let inside = lines.by_ref().take_while(|line| line.trim() != "```");
        let text = inside
            .map(|line| format!("{}\n", line.strip_prefix(indent).unwrap_or(line)))
            .collect();
        blocks.push((language, text));
    }
    blocks
}

/// A shell beside the data directory, in which `syncline` is the binary under test.
fn shell(syncline: &Syncline, script: &str) -> Command {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_syncline"));
    let data = syncline.data();
    let script = format!("export PATH=\"$BINARIES:$PATH\"\n{script}");
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(data.parent().unwrap())
        .env("BINARIES", binary.parent().unwrap())
        .env("SYNCLINE_DATA", &data)
        .env_remove("SYNCLINE_DATABASE")
        .env_remove("SYNCLINE_LOG");
    command
}

fn typed(syncline: &Syncline, script: &str) -> String {
    let output = shell(syncline, script).output().unwrap();
    let (said, complained) = (stdout(&output), stderr(&output));
    assert!(output.status.success(), "{said}\n{complained}");
    said
}

#[test]
fn the_first_synchronization_brings_three_people() {
    let tools = Command::new("sh")
        .args(["-c", "command -v bash && command -v curl && command -v jq"])
        .output();
    if !tools.is_ok_and(|it| it.status.success()) {
        assert!(
            std::env::var_os("CI").is_none(),
            "bash, curl or jq is missing"
        );
        eprintln!("NOT RUN: the recipe wants bash, curl and jq");
        return;
    }
    let syncline = Syncline::new();
    let blocks = blocks(FIRST);
    let serve = blocks.iter().position(|(_, text)| text == SERVE).unwrap();
    let commands = |from: &[(&str, String)]| -> String {
        let shell = from.iter().filter(|(language, _)| *language == "sh");
        shell.map(|(_, text)| text.as_str()).collect()
    };
    typed(&syncline, &commands(&blocks[..serve]));

    let server = syncline.serve(&[]);
    let script = commands(&blocks[serve..]);
    assert!(script.contains(SERVER) && script.contains(DATA));
    let script = script
        .replace(SERVER, &server.origin)
        .replace(DATA, syncline.data().to_str().unwrap());
    let said = typed(&syncline, &script);

    // Planned: the person who was assigned, then everybody.
    let counts = said
        .lines()
        .filter_map(|line| line.strip_prefix("  created "));
    let planned: Vec<&str> = counts.take(2).map(str::trim).collect();
    assert_eq!(planned, ["1", "3"], "{said}");
    // The log of one person, and the target's people at the end.
    assert!(said.contains("User 'ben.okafor@contoso.example' will be created"));
    let people = "ana.souza_contoso.example#EXT#@fabrikam.onmicrosoft.com
ben.okafor_contoso.example#EXT#@fabrikam.onmicrosoft.com
chi.tanaka_contoso.example#EXT#@fabrikam.onmicrosoft.com
";
    assert!(said.ends_with(people), "{said}");
}
