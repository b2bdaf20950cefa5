//! `syncline tenant …`.

use clap::Subcommand;

use crate::commands::Command;
use crate::commands::tenant_create::TenantCreate;
use crate::commands::tenant_list::TenantList;

/// Hosted tenants
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline tenant create --domain contoso.example --display-name Contoso
  syncline tenant list")]
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
        #[arg(long, value_name = "GUID")]
        id: Option<String>,
        /// Makes a first user who is Global Administrator, with a generated password
        #[arg(long, value_name = "UPN")]
        admin: Option<String>,
    },
    /// Lists the tenants
    #[command(after_help = "Example:\n  syncline tenant list --output json")]
    List,
}

impl Tenant {
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
            Self::List => Command::TenantList(TenantList {}),
        }
    }
}
