//! The commands of a recipe do what the recipe says, typed as they stand there.

use std::process::Command;

use crate::support::{Syncline, stderr, stdout};

/// A page of the repository.
macro_rules! page {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../", $path))
    };
}

const FIRST: &str = page!("docs/recipes/first-synchronization.md");
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

/// Whether what recipes are typed with is there; where all must be tested, it has to be.
fn has_tools() -> bool {
    let tools = Command::new("sh")
        .args(["-c", "command -v bash && command -v curl && command -v jq"])
        .output();
    let found = tools.is_ok_and(|it| it.status.success());
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "bash, curl or jq is missing"
        );
        eprintln!("NOT RUN: the recipe wants bash, curl and jq");
    }
    found
}

/// What a page says is typed in a shell.
fn commands(blocks: &[(&str, String)]) -> String {
    let shell = blocks.iter().filter(|(language, _)| *language == "sh");
    shell.map(|(_, text)| text.as_str()).collect()
}

/// Types the first recipe, its second terminal included, and then in the same shell what the other page
/// says; returns what was printed by each.
fn typed_after_the_first(syncline: &Syncline, page: &str) -> (String, String) {
    let first = blocks(FIRST);
    let serve = first.iter().position(|(_, text)| text == SERVE).unwrap();
    typed(syncline, &commands(&first[..serve]));

    let server = syncline.serve(&[]);
    let script = format!(
        "{}\necho {BETWEEN}\n{}",
        commands(&first[serve..]),
        commands(&blocks(page))
    );
    assert!(script.contains(SERVER) && script.contains(DATA));
    let script = script
        .replace(SERVER, &server.origin)
        .replace(DATA, syncline.data().to_str().unwrap());
    let said = typed(syncline, &script);
    let (first, other) = said.split_once(&format!("{BETWEEN}\n")).unwrap();
    (first.to_owned(), other.to_owned())
}

const BETWEEN: &str = "=== the other page ===";

#[test]
fn the_first_synchronization_brings_three_people() {
    if !has_tools() {
        return;
    }
    let (said, _) = typed_after_the_first(&Syncline::new(), "");
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

#[test]
fn a_scope_leaves_out_whom_the_recipe_says() {
    if !has_tools() {
        return;
    }
    let page = page!("docs/recipes/limit-who-is-synchronized.md");
    let (_, said) = typed_after_the_first(&Syncline::new(), page);
    assert!(said.contains("3 of 3 cases passed"), "{said}");
    assert!(said.contains("delete  chi.tanaka@contoso.example"));
    let people = "\nana.souza_contoso.example#EXT#@fabrikam.onmicrosoft.com
ben.okafor_contoso.example#EXT#@fabrikam.onmicrosoft.com
{\"Sales without assistants.department EQUALS 'Sales'\":true,";
    assert!(said.contains(people), "{said}");
    assert!(said.contains("threshold  20 deletes and disables"));
}

const UNDO: &str = page!("docs/recipes/undo-a-wrong-cycle.md");

#[test]
fn a_wrong_cycle_is_undone() {
    if !has_tools() {
        return;
    }
    let (_, said) = typed_after_the_first(&Syncline::new(), UNDO);
    let undone = [
        "\n  deleted (had been created)             1\n",
        "\n  restored (had been deleted)            1\n",
        "\n  put back                               2\n",
        "\n  not or not wholly put back             0\n",
    ];
    for count in undone {
        // Foreseen, and done.
        assert_eq!(said.matches(count).count(), 2, "{count}: {said}");
    }
    let nothing = "\n  created                                0\n  updated                                0\n";
    let nothing = format!(
        "{nothing}  disabled                               0\n  deleted                                0\n"
    );
    assert!(said.contains(&nothing), "{said}");
    let people = "\nAna Souza: Marketing, null\nBen Okafor: Sales, null\nChi Tanaka: Sales, null\n";
    assert!(said.ends_with(people), "{said}");
}

#[test]
fn a_wrong_cycle_is_undone_without_deleting_whom_the_job_had_let_go() {
    if !has_tools() {
        return;
    }
    // Eli came to the target and was released before the accident, which takes him up again.
    let released = r#"```sh
cat > eli.csv <<'END'
userPrincipalName,displayName,department
eli.moreau@contoso.example,Eli Moreau,External
END
syncline import --tenant contoso.example eli.csv
syncline jobs run --job $JOB --wait
contoso PUT $SYNCHRONIZATION/secrets '{"value": [{"key": "SkipOutOfScopeDeletions", "value": "true"}]}'
syncline schema export --job $JOB | jq '(.synchronizationRules[].objectMappings[] | select(.sourceObjectName == "User").scope) =
  {groups: [{name: "who", clauses: [{sourceOperandName: "department", operatorName: "NOT EQUALS", targetOperand: {values: ["External"]}}]}]}' > first.json
syncline schema import --job $JOB first.json
syncline jobs run --job $JOB --wait
contoso PUT $SYNCHRONIZATION/secrets '{"value": [{"key": "SkipOutOfScopeDeletions", "value": "false"}]}'
```
"#;
    let (_, said) = typed_after_the_first(&Syncline::new(), &format!("{released}{UNDO}"));
    let let_go = "\n  let go (had been taken over)           1\n";
    assert_eq!(said.matches(let_go).count(), 2, "{said}");
    let people = "\nAna Souza: Marketing, null\nBen Okafor: Sales, null\nChi Tanaka: Sales, null\nEli Moreau: External, null\n";
    assert!(said.ends_with(people), "{said}");
}

#[test]
fn a_group_brings_its_members() {
    if !has_tools() {
        return;
    }
    let page = page!("docs/recipes/synchronize-groups.md");
    let (_, said) = typed_after_the_first(&Syncline::new(), page);
    assert!(said.contains("Sales  2      0        + ben.okafor@contoso.example, chi.tanaka"));
    assert!(said.contains("\nBen Okafor\nChi Tanaka\n"), "{said}");
    assert!(said.contains("Received User 'ben.okafor@contoso.example'"));
    let is_in = "\nben.okafor@contoso.example is in Sales in the target, as in the source.\n";
    assert!(said.contains(is_in), "{said}");
}

#[test]
fn an_extension_flows_into_the_one_of_the_target() {
    if !has_tools() {
        return;
    }
    let page = page!("docs/recipes/directory-extensions.md");
    let (_, said) = typed_after_the_first(&Syncline::new(), page);
    let flowed = "_skills\":[\"Welding\",\"Go\"]}\n{\"displayName\":\"Ben Okafor\"";
    assert!(said.contains(flowed), "{said}");
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("extension_") && last.ends_with("_skills"),
        "{said}"
    );
}

#[test]
fn somebody_missing_is_found_and_comes() {
    if !has_tools() {
        return;
    }
    let page = page!("docs/recipes/find-out-why-somebody-is-missing.md");
    let (_, said) = typed_after_the_first(&Syncline::new(), page);
    let advice = "  NotEffectivelyEntitled: Assign the object to the configuration";
    assert!(said.contains(advice), "{said}");
    let explained = "\ndia.novak@contoso.example is not in the target: it is skipped.\nNotEffectivelyEntitled: ";
    assert!(said.contains(explained), "{said}");
    let waits = "1 reference to dia.novak@contoso.example: it is not synchronized";
    assert!(said.contains(waits), "{said}");
    let people = "\nAna Souza\nBen Okafor\nChi Tanaka\nDia Novak\nEli Moreau\n";
    assert!(said.contains(people), "{said}");
    let timetable = "retries    after 1 hour and 4 hours, then every 12 hours, for 28 days\n";
    assert!(said.ends_with(timetable), "{said}");
}

#[test]
fn an_account_that_nobody_keeps_in_step_is_found_and_deleted() {
    if !has_tools() {
        return;
    }
    let page = page!("docs/recipes/review-who-has-an-account.md");
    let (_, said) = typed_after_the_first(&Syncline::new(), page);
    assert!(
        said.contains("\nIn all: 3 kept in step, 0 removed, 0 released.\n"),
        "{said}"
    );
    let written = "\n3 links written to ";
    assert!(said.contains(written), "{said}");
    assert!(said.contains("\nuser,kept,"), "{said}");
    assert!(said.contains("\nBen Okafor\n"), "{said}");
    let found = "\n1 user came from the source and is kept in step by no job; others are kept: 2 by this job, 0 by other jobs.\n";
    assert!(said.contains(found), "{said}");
    let end =
        "\nEvery user that came from the source is kept in step: 2 by this job, 0 by other jobs.\n";
    assert!(said.ends_with(end), "{said}");
}

#[test]
fn a_file_says_how_a_configuration_is_to_be() {
    if !has_tools() {
        return;
    }
    let page = page!("docs/recipes/configurations-as-a-file.md");
    let (_, said) = typed_after_the_first(&Syncline::new(), page);
    let as_it_is = "Fabrikam: contoso.example → fabrikam.example
  all is as the file says
There is nothing to change.
";
    assert!(said.starts_with(as_it_is), "{said}");
    // Ana was assigned before everybody was taken instead.
    let changes = "
  ~ scope: all users and groups → assigned users and groups
  ~ accidental-deletion threshold: 500 → 10
  + assigned: group Design
";
    assert_eq!(said.matches(changes).count(), 2, "{said}");
    assert!(
        said.contains("\n  deleted                                2\n"),
        "{said}"
    );
    // The schema that was exported is no change.
    assert_eq!(said.matches(as_it_is).count(), 2, "{said}");
    assert!(said.contains("\nnot written yet\nFabrikam: "), "{said}");
    let end = "
Fabrikam: contoso.example → fabrikam.example
  - no longer assigned: group Design
";
    let (_, after) = said.split_once(end).unwrap();
    assert!(after.contains("The next cycle follows it."), "{said}");
}

#[test]
fn the_interval_of_a_job_is_changed() {
    if !has_tools() {
        return;
    }
    let page = page!("docs/recipes/change-how-often-a-job-runs.md");
    let (_, said) = typed_after_the_first(&Syncline::new(), page);
    assert!(said.starts_with("PT10M\n"), "{said}");
    assert!(said.contains("every      10 min\n"), "{said}");
    assert!(
        said.contains("every      10 min, and changes at once\n"),
        "{said}"
    );
    assert!(said.ends_with("\nHead of Design\n"), "{said}");
}

#[test]
fn the_files_of_the_readme_are_imported() {
    if !has_tools() {
        return;
    }
    let syncline = Syncline::new();
    let folder = syncline.data().parent().unwrap().join("examples");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("users.csv"), page!("examples/users.csv")).unwrap();
    std::fs::write(folder.join("groups.csv"), page!("examples/groups.csv")).unwrap();
    let blocks = blocks(page!("README.md"));
    let (_, tenants) = blocks
        .iter()
        .find(|(_, text)| text.contains("syncline import"))
        .unwrap();
    let said = typed(&syncline, tenants.strip_suffix(SERVE).unwrap());
    for count in [
        "users created              3",
        "managers set               2",
        "groups created             2",
    ] {
        assert!(said.contains(count), "{said}");
    }
}
