//! `syncline tenant …`.

use clap::Subcommand;
use syncline_model::TenantId;

use super::{Global, execute, tenant_delete};
use crate::commands::Command;
use crate::commands::tenant_create::TenantCreate;
use crate::commands::tenant_delete::TenantDelete;
use crate::commands::tenant_domain_add::TenantDomainAdd;
use crate::commands::tenant_domain_remove::TenantDomainRemove;
use crate::commands::tenant_list::TenantList;
use crate::commands::tenant_recover::TenantRecover;
use crate::commands::tenant_rename::TenantRename;
use crate::failure::Failure;

/// Verified domains of a tenant
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline tenant domain add --tenant contoso.example contoso.de
  syncline tenant domain remove --tenant contoso.example contoso.de")]
pub enum Domain {
    /// Adds a domain: people of the tenant can have names and addresses in it
    #[command(after_help = "\
The domain is taken as verified, and must not be in another tenant. One that is there is left as it is.
Example:
  syncline tenant domain add --tenant contoso.example contoso.de")]
    Add {
        /// Id or verified domain of the tenant
        #[arg(long)]
        tenant: String,
        /// The new domain
        domain: String,
    },
    /// Removes a domain that nobody has a name or an address in
    #[command(after_help = "\
It stays as long as anybody has it in userPrincipalName, mail, proxyAddresses or identifierUris, also in the recycle bin;
those are named. The initial domain stays, and so does the default one as long as the tenant has jobs, whose mappings may
ask for it; where it goes, the oldest other one is the default. One that is not there is no failure.
Example:
  syncline tenant domain remove --tenant contoso.example contoso.de")]
    Remove {
        /// Id or verified domain of the tenant
        #[arg(long)]
        tenant: String,
        /// The domain to be removed
        domain: String,
    },
}

/// Hosted tenants
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline tenant create --domain contoso.example --display-name Contoso
  syncline tenant list
  syncline tenant domain add --tenant contoso.example contoso.de
  syncline tenant recover contoso.example
  syncline tenant delete --tenant contoso.example --dry-run")]
pub enum Tenant {
    /// Creates a tenant, with an application that holds every application permission
    #[command(after_help = "\
Examples:
  syncline tenant create --domain contoso.example --display-name Contoso
  syncline tenant create --domain fabrikam.example --display-name Fabrikam --admin admin@fabrikam.example --output json")]
    Create {
        /// Verified domain of the tenant; its first label makes the initial domain `<label>.onmicrosoft.com`
        #[arg(long)]
        domain: String,
        /// Name of the organization, as administrators see it
        #[arg(long, value_name = "NAME")]
        display_name: String,
        /// Tenant id; a new one by default
        #[arg(long, value_name = "GUID", value_parser = tenant_id)]
        id: Option<TenantId>,
        /// Create a first user who is Global Administrator, with a generated password
        #[arg(long, value_name = "UPN")]
        admin: Option<String>,
    },
    /// Lists the tenants
    #[command(after_help = "Example:\n  syncline tenant list --output json")]
    List,
    /// Changes the name of the organization, as administrators see it
    #[command(
        after_help = "Example:\n  syncline tenant rename --tenant contoso.example \"Contoso Group\""
    )]
    Rename {
        /// Id or verified domain of the tenant
        #[arg(long)]
        tenant: String,
        /// The new name
        name: String,
    },
    #[command(subcommand)]
    Domain(Domain),
    /// Deletes a tenant for good, with everybody and everything in it
    #[command(after_help = "\
What would be lost is told first, and nothing is written until you type the tenant's default domain, or give it with
--confirm. Jobs of the tenant, and those of others that lead into it, have to be paused before. Then the tenant is gone
at once: nobody signs in, no token of it is good, and no backup but one from before brings it back. Its rows go little by
little; after Ctrl-C, or a crash, the same command goes on. Its domains are free in the end, its id never.
What other tenants have stays theirs: people whom it synchronized, their partners, and configurations that lead into it,
whose cycles fail from then on.
Examples:
  syncline tenant delete --tenant fabrikam.example --dry-run
  syncline tenant delete --tenant fabrikam.example
  syncline tenant delete --tenant fabrikam.example --confirm fabrikam.example --output json")]
    Delete {
        /// Id or verified domain of the tenant
        #[arg(long)]
        tenant: String,
        /// The tenant's default domain, from who means it: nothing is asked then
        #[arg(long, value_name = "DOMAIN", conflicts_with = "dry_run")]
        confirm: Option<String>,
        /// Say what would be lost, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Gets you back in when a tenant's secrets are lost: a new client secret, or a new password
    #[command(after_help = "\
Without --app and --admin, the application that was created with the tenant gets a secret; if none of that kind is
left, a new one is made. The user that --admin names is enabled and Global Administrator afterwards, and is created
if the tenant has no user of that name. Secrets and passwords are shown once.
Examples:
  syncline tenant recover contoso.example
  syncline tenant recover contoso.example --replace --output json
  syncline tenant recover contoso.example --admin admin@contoso.example")]
    Recover {
        /// Id or verified domain of the tenant
        tenant: String,
        /// Client id of the application that gets a secret
        #[arg(long, value_name = "CLIENT_ID")]
        app: Option<String>,
        /// User who gets a password and is Global Administrator; no application gets a secret then, unless --app names it
        #[arg(long, value_name = "UPN")]
        admin: Option<String>,
        /// Remove all other secrets of that application; without this flag they keep working
        #[arg(long)]
        replace: bool,
    },
}

fn tenant_id(text: &str) -> Result<TenantId, &'static str> {
    text.parse().map_err(|_| {
        "not a tenant id: give a GUID such as 3d5f7a3c-6c3d-4c55-9b8c-52ad2f6f1a11, or leave --id out"
    })
}

impl Tenant {
    pub fn run(self, global: &Global) -> Result<bool, Failure> {
        match self.command() {
            Command::TenantDelete(delete) => tenant_delete::run(global, delete),
            command => execute(global, &command),
        }
    }

    pub fn command(self) -> Command {
        match self {
            Self::Create {
                domain,
                display_name,
                id,
                admin,
            } => Command::TenantCreate(TenantCreate {
                domain,
                display_name,
                id,
                admin,
            }),
            Self::Rename { tenant, name } => Command::TenantRename(TenantRename {
                tenant,
                display_name: name,
            }),
            Self::Delete {
                tenant,
                confirm,
                dry_run,
            } => Command::TenantDelete(TenantDelete {
                tenant,
                confirm,
                dry_run,
            }),
            Self::Domain(Domain::Add { tenant, domain }) => {
                Command::TenantDomainAdd(TenantDomainAdd { tenant, domain })
            }
            Self::Domain(Domain::Remove { tenant, domain }) => {
                Command::TenantDomainRemove(TenantDomainRemove { tenant, domain })
            }
            Self::List => Command::TenantList(TenantList {}),
            Self::Recover {
                tenant,
                app,
                admin,
                replace,
            } => Command::TenantRecover(TenantRecover {
                tenant,
                app,
                admin,
                replace,
            }),
        }
    }
}
