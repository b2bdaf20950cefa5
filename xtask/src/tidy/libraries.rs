//! A library that nobody can give a reason for is not needed.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "libraries",
    rule: "every library of the workspace has its reason in ARCHITECTURE.md, \"Libraries\"",
    run,
};

const MANIFEST: &str = "Cargo.toml";
const REASONS: &str = "ARCHITECTURE.md";

fn run(checkout: &Checkout) -> Vec<Finding> {
    let (Some(manifest), Some(page)) = (checkout.files.get(MANIFEST), checkout.files.get(REASONS))
    else {
        return vec![Finding::file(REASONS, "it or Cargo.toml is missing")];
    };
    let explained = explained(page);
    libraries(manifest)
        .filter(|(_, name)| !name.starts_with("syncline-") && !explained.contains(name))
        .map(|(line, name)| {
            let message = format!("{name} has no reason in {REASONS}, \"Libraries\"");
            Finding::line(MANIFEST, line, message)
        })
        .collect()
}

/// The names under `[workspace.dependencies]`, with their lines.
fn libraries(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(manifest.lines());
    lines
        .skip_while(|(_, line)| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['))
        .filter(|(_, line)| !line.starts_with('#'))
        .filter_map(|(at, line)| Some((at, line.split_once('=')?.0.trim())))
}

/// The words of the first column of the table under `## Libraries`.
fn explained(page: &str) -> Vec<&str> {
    let section = page.split("\n## ").find(|it| it.starts_with("Libraries\n"));
    let rows = section.unwrap_or_default().lines();
    let names = rows.filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    names
        .flat_map(|cell| {
            cell.split(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '-' | '_'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_without_reason_is_found() {
        let manifest = (
            MANIFEST,
            "[workspace]\n[workspace.dependencies]\nsyncline-model = { path = \"m\" }\n# why\ncsv = \"1\"\nserde_json = \"1\"\n\n[workspace.lints]\na = 1\n",
        );
        let page =
            |table: &str| format!("# A\ncsv\n\n## Libraries\n\n{table}\n\n## More\n| csv | |\n");
        let both =
            page("| library | why |\n|---|---|\n| serde, serde_json (JSON) | x |\n| csv | y |");
        assert_eq!(run(&Checkout::of(&[manifest, (REASONS, &both)])), []);
        let one = page("| library | why |\n|---|---|\n| serde_json | not csv |");
        assert_eq!(
            run(&Checkout::of(&[manifest, (REASONS, &one)])),
            [Finding::line(
                MANIFEST,
                5,
                "csv has no reason in ARCHITECTURE.md, \"Libraries\""
            )]
        );
    }
}
