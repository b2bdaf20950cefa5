//! `syncline tenant recover`: the way back in for whoever owns the data and lost the secrets.

use serde::{Deserialize, Serialize};
use syncline_access::client_secrets;
use syncline_access::passwords::Hashed;
use syncline_directory::{Context, applications, service_principals, tenants, users};
use syncline_model::{AppId, Attr, Clock, Problem, ProblemKind, TenantId, b2b};
use syncline_store::{Stored, Tx};

use super::Action;
use crate::administrator;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantRecover {
    /// Id or verified domain.
    pub tenant: String,
    /// Client id of the application that gets a secret.
    pub app: Option<String>,
    /// userPrincipalName of who is administrator afterwards.
    pub admin: Option<String>,
    /// Whether the application's other secrets are removed.
    pub replace: bool,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovered {
    pub tenant_id: TenantId,
    pub application: Option<Application>,
    pub admin: Option<Admin>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    pub display_name: String,
    pub client_id: String,
    pub client_secret: String,
    /// Whether it is a new application, because none was left that could administer the tenant.
    pub created: bool,
    /// How many other secrets were removed.
    pub secrets_removed: usize,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Admin {
    pub user_principal_name: String,
    pub password: String,
    /// Whether it is a new user, because the tenant had none of that name.
    pub created: bool,
}

impl Action for TenantRecover {
    type Output = Recovered;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Recovered, Failure> {
        let with_secret = self.app.is_some() || self.admin.is_none();
        if self.replace && !with_secret {
            return Err(
                Failure::new("--replace removes secrets of an application, but no application is named")
                    .with_help("name it with --app, or leave --replace out: a user has one password, and the old one ends anyway")
                    .with_exit_code(2),
            );
        }
        let id = app
            .store
            .read(|reader| app.tenant(reader, &self.tenant))?
            .id;
        // Hashing takes long: before the transaction.
        let admin = match &self.admin {
            Some(name) => {
                let password = administrator::password(app.ids.as_ref());
                let hashed = app.access.hash_password(Some(id), &password)?;
                Some((name.as_str(), password, hashed))
            }
            None => None,
        };
        app.store.write(|tx| {
            let tenant = app.tenant(tx, &self.tenant)?;
            let context = Context {
                tenant: &tenant,
                now: app.clock.now(),
                ids: app.ids.as_ref(),
            };
            let application = if with_secret {
                Some(self.application(tx, &context)?)
            } else {
                None
            };
            let admin = match &admin {
                Some((name, password, hashed)) => {
                    let created = let_in(tx, &context, name, hashed, app.clock.as_ref())?;
                    Some(Admin {
                        user_principal_name: (*name).to_owned(),
                        password: password.clone(),
                        created,
                    })
                }
                None => None,
            };
            Ok(Recovered {
                tenant_id: tenant.id,
                application,
                admin,
            })
        })
    }

    fn text(output: &Recovered) -> String {
        let mut text = format!("tenant         {}\n", output.tenant_id);
        if let Some(application) = &output.application {
            text.push_str(&format!(
                "application    {}{}\nclient id      {}\nclient secret  {}\n",
                application.display_name,
                new(application.created),
                application.client_id,
                application.client_secret
            ));
            if application.secrets_removed > 0 {
                text.push_str(&format!(
                    "other secrets  {} removed\n",
                    application.secrets_removed
                ));
            }
        }
        if let Some(admin) = &output.admin {
            text.push_str(&format!(
                "administrator  {}{}\npassword       {}\n",
                admin.user_principal_name,
                new(admin.created),
                admin.password
            ));
        }
        text.push_str("The secrets are shown this once.\n");
        text
    }
}

fn new(created: bool) -> &'static str {
    if created { " (new)" } else { "" }
}

impl TenantRecover {
    fn application(&self, tx: &mut Tx<'_>, context: &Context<'_>) -> Result<Application, Failure> {
        let tenant = context.tenant_id();
        let (application, created) = match &self.app {
            Some(client_id) => (named(tx, context, client_id)?, false),
            None => match tenants::administration(tx, tenant)? {
                Some(application) => (application, false),
                None => (tenants::create_administration(tx, context)?, true),
            },
        };
        let id = application.entry.id;
        let removed = if self.replace {
            remove_secrets(tx, context, &application)?
        } else {
            0
        };
        let (key_id, client_secret) = client_secrets::add(
            tx,
            tenant,
            id,
            context.ids,
            context.now,
            Some("made by tenant recover"),
            None,
        )
        .map_err(|problem| match problem.kind {
            ProblemKind::BadRequest => Failure::new(problem.message)
                .with_help("--replace removes them all but the new one"),
            _ => problem.into(),
        })?;
        // Warnings, so that they stand in the log of a command as well.
        tracing::warn!(%tenant, application = %id, %key_id, created, removed, "recovery: a client secret was made");
        let text = |attr| {
            application
                .entry
                .get(attr)
                .map(|value| value.display_text())
        };
        Ok(Application {
            display_name: text(Attr::DISPLAY_NAME).unwrap_or_default().to_string(),
            client_id: text(Attr::APP_ID).unwrap_or_default().to_string(),
            client_secret,
            created,
            secrets_removed: removed,
        })
    }
}

fn named(tx: &Tx<'_>, context: &Context<'_>, client_id: &str) -> Result<Stored, Failure> {
    let found = client_id
        .trim()
        .parse()
        .map(AppId)
        .map_err(|_| Problem::not_found(client_id))
        .and_then(|id| applications::find_by_app_id(tx, context.tenant_id(), id));
    found.map_err(|problem| match problem.kind {
        ProblemKind::NotFound => Failure::new(format!(
            "the tenant has no application with the client id `{client_id}`"
        ))
        .with_help("leave --app out for the application that was created with the tenant"),
        _ => problem.into(),
    })
}

/// Those of the application, and those of its service principal, with which it could sign in as well.
fn remove_secrets(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    application: &Stored,
) -> Result<usize, Problem> {
    let tenant = context.tenant_id();
    let mut holders = vec![application.entry.id];
    if let Some(app_id) = application.entry.guid(Attr::APP_ID) {
        match service_principals::find_by_app_id(tx, tenant, AppId(app_id)) {
            Ok(principal) => holders.push(principal.entry.id),
            Err(problem) if problem.kind == ProblemKind::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    let mut removed = 0;
    for holder in holders {
        for secret in client_secrets::list(tx, tenant, holder)? {
            client_secrets::remove(tx, tenant, holder, secret.key_id)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Makes whoever has this name an administrator; true when that is a new user.
fn let_in(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    name: &str,
    password: &Hashed,
    clock: &dyn Clock,
) -> Result<bool, Failure> {
    let tenant = context.tenant_id();
    let (user, created) = match users::find(tx, tenant, name) {
        Ok(found) if b2b::is_external(&found.entry) => {
            return Err(Failure::new(format!(
                "`{name}` is an external user, who signs in at home and has no password here"
            ))
            .with_help("name a user of the tenant's own; one of a new name is created"));
        }
        Ok(found) => {
            administrator::restore(tx, context, found.entry.id, password, clock)?;
            (found.entry.id, false)
        }
        Err(problem) if problem.kind == ProblemKind::NotFound => (
            administrator::create(tx, context, name, password, clock)?,
            true,
        ),
        Err(problem) => return Err(problem.into()),
    };
    tracing::warn!(%tenant, %user, created, "recovery: an administrator's password was made");
    Ok(created)
}
