//! Commands as data. One file per command: what it is asked ([`Action`]'s fields), what it does
//! ([`Action::execute`]), what it answers ([`Action::Output`]) and how that reads
//! ([`Action::text`]).
//!
//! A command runs in this process when no server works on the data directory, and inside that
//! server otherwise ([`crate::session`]); it can not tell the difference.

pub mod apply;
pub mod backup;
pub mod begins;
pub mod deleted_list;
pub mod deleted_restore;
pub mod doctor;
pub mod explain;
pub mod import;
pub mod jobs_list;
pub mod jobs_pause;
pub mod jobs_restart;
pub mod jobs_run;
pub mod jobs_show;
pub mod jobs_start;
pub mod links;
pub mod logs;
mod new_file;
pub mod plan;
pub mod plan_file;
pub mod previous_schema;
pub mod previous_schemas;
mod recycled;
pub mod schema_export;
pub mod schema_import;
pub mod signing_key_replace;
pub mod standstill;
mod tenant_changed;
pub mod tenant_create;
pub mod tenant_delete;
pub mod tenant_domain_add;
pub mod tenant_domain_remove;
pub mod tenant_list;
pub mod tenant_recover;
pub mod tenant_rename;
pub mod undo;
pub mod waiting;

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use syncline_model::JobId;
use syncline_store::Older;

use self::tenant_delete::TenantDelete;
use crate::app::App;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;

/// What a command does that runs a cycle; the job follows.
const RUNS: &str = "jobs run --wait --job ";

/// One command.
pub trait Action: Serialize + DeserializeOwned {
    type Output: Serialize + DeserializeOwned;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Self::Output, Failure>;

    /// The answer for people. What is in `output` stands on one line each ([`output::on_one_line`]).
    fn text(output: &Self::Output) -> String;

    /// The answer for people is the answer itself, with all texts as they are.
    const IS_DOCUMENT: bool = false;

    /// False: the command did its work, and its answer is bad news (exit code 1).
    fn is_good(_output: &Self::Output) -> bool {
        true
    }
}

macro_rules! commands {
    ($($variant:ident($module:ident::$action:ident)),* $(,)?) => {
        /// Every command, as it crosses the control socket.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Command {
            $($variant($module::$action),)*
        }

        impl Command {
            /// The names of all.
            #[cfg(test)]
            pub const VARIANTS: &'static [&'static str] = &[$(stringify!($variant)),*];

            /// Does it.
            pub fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Value, Failure> {
                let done = match self {
                    $(Self::$variant(action) => action.execute(app, progress).and_then(to_value),)*
                };
                done.map_err(|failure| failure.of(&app.data))
            }

            /// Its answer for people, and whether that is good news.
            pub fn render(&self, answer: Value) -> Result<(String, bool), Failure> {
                match self {
                    $(Self::$variant(_) => {
                        let answer = match <$module::$action as Action>::IS_DOCUMENT {
                            true => answer,
                            false => output::on_one_line(answer),
                        };
                        let output: <$module::$action as Action>::Output = from_value(answer)?;
                        Ok((<$module::$action as Action>::text(&output), <$module::$action as Action>::is_good(&output)))
                    })*
                }
            }
        }
    };
}

commands! {
    TenantCreate(tenant_create::TenantCreate),
    TenantList(tenant_list::TenantList),
    TenantRecover(tenant_recover::TenantRecover),
    TenantRename(tenant_rename::TenantRename),
    TenantDelete(tenant_delete::TenantDelete),
    TenantDomainAdd(tenant_domain_add::TenantDomainAdd),
    TenantDomainRemove(tenant_domain_remove::TenantDomainRemove),
    Import(import::Import),
    ImportDryRun(import::ImportDryRun),
    DeletedList(deleted_list::DeletedList),
    DeletedRestore(deleted_restore::DeletedRestore),
    JobsList(jobs_list::JobsList),
    JobsShow(jobs_show::JobsShow),
    JobsRun(jobs_run::JobsRun),
    JobsStart(jobs_start::JobsStart),
    JobsPause(jobs_pause::JobsPause),
    JobsRestart(jobs_restart::JobsRestart),
    Logs(logs::Logs),
    Plan(plan::Plan),
    PlanFile(plan_file::PlanFile),
    Undo(undo::Undo),
    Apply(apply::Apply),
    Explain(explain::Explain),
    ExplainMembership(explain::ExplainMembership),
    Links(links::Links),
    Accounts(links::Accounts),
    SchemaExport(schema_export::SchemaExport),
    PreviousSchema(previous_schema::PreviousSchema),
    PreviousSchemas(previous_schemas::PreviousSchemas),
    SchemaImport(schema_import::SchemaImport),
    Backup(backup::Backup),
    SigningKeyReplace(signing_key_replace::SigningKeyReplace),
    Doctor(doctor::Doctor),
}

impl Command {
    /// Whether it may be the first thing that is ever done in a data directory. All others have
    /// nothing to say about an empty one, and somebody mistyped its name.
    pub fn makes_data(&self) -> bool {
        matches!(self, Self::TenantCreate(_))
    }

    /// Whether it needs nothing in the data directory but to read.
    pub fn only_reads(&self) -> bool {
        matches!(self, Self::Doctor(_) | Self::Backup(_))
    }

    /// What it does with tables that an older version has made. To bring them up to date is for who means
    /// to upgrade: the way back is a backup of what they were before.
    pub fn of_older_tables(&self) -> Older {
        match self {
            Self::Backup(_) => Older::Leave,
            _ => Older::Refuse,
        }
    }

    /// What it can say of a data directory whose database can not be opened: mostly why.
    pub fn without_database(&self, data: &DataDir, failure: Failure) -> Result<Value, Failure> {
        match self {
            Self::Doctor(_) => to_value(doctor::without_database(data, failure)),
            _ => Err(failure),
        }
    }

    /// What it is doing, for others that wait for it.
    pub fn doing(&self) -> String {
        match self.cycle() {
            Some(job) => format!("{RUNS}{job}"),
            None => "a command".to_owned(),
        }
    }

    /// The job whose cycle it runs.
    fn cycle(&self) -> Option<&str> {
        match self {
            Self::JobsRun(run) if run.wait => Some(run.job.trim()),
            _ => None,
        }
    }

    /// The job whose cycle somebody runs who is [`Command::doing`] that.
    pub fn cycle_of(doing: &str) -> Option<JobId> {
        doing.strip_prefix(RUNS).map(|job| JobId(job.to_owned()))
    }

    /// Whether it can work while another process runs a cycle on the same file: it reads, or does no
    /// more than to set one row that the cycle looks at before each page. `docs/operations/emergencies.md` names them.
    pub fn works_beside_a_cycle(&self) -> bool {
        matches!(
            self,
            Self::TenantList(_)
                | Self::ImportDryRun(_)
                | Self::JobsList(_)
                | Self::JobsShow(_)
                | Self::JobsPause(_)
                | Self::Logs(_)
                | Self::PlanFile(_)
                | Self::Explain(_)
                | Self::ExplainMembership(_)
                | Self::Links(_)
                | Self::Accounts(_)
                | Self::SchemaExport(_)
                | Self::PreviousSchema(_)
                | Self::PreviousSchemas(_)
        )
    }

    /// Whether it writes page by page, and says how far it came when nobody waits for the rest.
    pub fn stops_between_pages(&self) -> bool {
        matches!(
            self,
            Self::Import(_)
                | Self::ImportDryRun(_)
                | Self::DeletedRestore(_)
                | Self::Undo(_)
                // What it says before anything is confirmed, Ctrl-C ends.
                | Self::TenantDelete(TenantDelete { dry_run: false, .. })
        )
    }

    /// The file that is there when it was done.
    pub fn makes_file(&self) -> Option<&Path> {
        match self {
            Self::Backup(it) => Some(&it.file),
            Self::Links(it) => it.csv.as_deref(),
            Self::Accounts(it) => it.csv.as_deref(),
            _ => None,
        }
    }

    /// What to do when it was done, and its answer is lost.
    pub fn when_unread(&self) -> Option<String> {
        let (tenant, admin) = match self {
            Self::TenantCreate(it) => (&it.domain, &it.admin),
            Self::TenantRecover(it) => (&it.tenant, &it.admin),
            _ => return None,
        };
        let password = admin.as_ref().map_or_else(String::new, |admin| {
            format!("; `syncline tenant recover {tenant} --admin {admin}` makes a new password")
        });
        Some(format!(
            "it was done, and nobody has seen its secrets: `syncline tenant recover {tenant}` makes a new one{password}"
        ))
    }

    /// Whether a cycle runs on the thread that executes it.
    pub fn runs_cycle(&self) -> bool {
        self.cycle().is_some()
    }
}

fn to_value(output: impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(output)
        .map_err(|error| Failure::new(format!("cannot write the answer: {error}")))
}

/// An answer, as its command gave it.
pub fn from_value<T: DeserializeOwned>(answer: Value) -> Result<T, Failure> {
    serde_json::from_value(answer).map_err(|error| {
        Failure::new(format!("cannot read the server's answer: {error}"))
            .with_help("is the server of another version? Restart it with this binary")
    })
}
