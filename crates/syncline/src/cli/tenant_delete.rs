//! `syncline tenant delete`: whoever types it is asked whether it is meant.

use std::io::{self, IsTerminal as _};

use syncline_model::fold::fold;

use super::{Global, ask, execute, show, telemetry};
use crate::commands::tenant_delete::{Deleted, Deletion, TenantDelete, losses};
use crate::commands::{Command, from_value};
use crate::failure::Failure;
use crate::output;

/// Without `--confirm` and `--dry-run`: tells what would be lost, and asks for the domain, where anybody can be asked.
pub fn run(global: &Global, delete: TenantDelete) -> Result<bool, Failure> {
    if delete.confirm.is_some() || delete.dry_run {
        return execute(global, &Command::TenantDelete(delete));
    }
    let telemetry = telemetry(global, "warn", None)?;
    let done = asked(global, delete);
    telemetry.end();
    let (command, answer) = done?;
    show(global, &command, answer)
}

fn asked(global: &Global, delete: TenantDelete) -> Result<(Command, serde_json::Value), Failure> {
    let plan = Command::TenantDelete(TenantDelete {
        dry_run: true,
        ..delete.clone()
    });
    let planned: Deleted = from_value(output::on_one_line(ask(global, &plan)?))?;
    let confirm = match planned.deletion {
        // That was asked when it began.
        Deletion::Planned => Some(confirmed(&planned)?),
        _ => None,
    };
    let command = Command::TenantDelete(TenantDelete { confirm, ..delete });
    let answer = ask(global, &command)?;
    Ok((command, answer))
}

fn confirmed(planned: &Deleted) -> Result<String, Failure> {
    let Deleted {
        tenant_id,
        display_name,
        domain,
        ..
    } = planned;
    output::note(&format!(
        "This deletes for good the tenant {display_name} ({domain}), {tenant_id}:\n{}",
        losses(planned)
    ));
    let nothing = |why: String| {
        Failure::new(format!("nothing was deleted: {why}"))
            .with_help(format!("`--confirm {domain}` deletes the tenant"))
            .with_exit_code(2)
    };
    if !io::stdin().is_terminal() {
        return Err(nothing("nobody can be asked here".to_owned()));
    }
    output::note(&format!("Type {domain} to delete it:"));
    let mut typed = String::new();
    io::stdin()
        .read_line(&mut typed)
        .map_err(|error| nothing(format!("cannot read what was typed: {error}")))?;
    match fold(typed.trim()) == fold(domain) {
        true => Ok(domain.clone()),
        false => Err(nothing(format!("`{}` is not its domain", typed.trim()))),
    }
}
