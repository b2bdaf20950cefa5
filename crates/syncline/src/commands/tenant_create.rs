//! `syncline tenant create`.

use serde::{Deserialize, Serialize};
use syncline_access::client_secrets;
use syncline_directory::tenants::NewTenant;
use syncline_directory::{Context, tenants};
use syncline_model::{Attr, Problem, ProblemKind, TenantId};

use super::Action;
use crate::administrator;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantCreate {
    pub domain: String,
    pub display_name: String,
    pub id: Option<TenantId>,
    /// userPrincipalName of a first administrator.
    pub admin: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    pub tenant_id: TenantId,
    pub initial_domain: String,
    pub admin: Option<Admin>,
    pub application: Application,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Admin {
    pub user_principal_name: String,
    pub password: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    pub client_id: String,
    pub client_secret: String,
}

impl Action for TenantCreate {
    type Output = Created;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Created, Failure> {
        let id = self.id;
        let admin = match &self.admin {
            Some(name) => {
                let password = administrator::password(app.ids.as_ref());
                let hashed = app.access.hash_password(id, &password)?;
                let user_principal_name = name.clone();
                let admin = Admin {
                    user_principal_name,
                    password,
                };
                Some((admin, hashed))
            }
            None => None,
        };
        let created = app.store.write(|tx| {
            let now = app.clock.now();
            let new = NewTenant {
                id,
                domain: self.domain.clone(),
                display_name: self.display_name.clone(),
            };
            let created = tenants::create(tx, app.ids.as_ref(), now, new)?;
            let application = &created.application.entry;
            let (_, client_secret) = client_secrets::add(
                tx,
                created.tenant.id,
                application.id,
                app.ids.as_ref(),
                now,
                Some("made with the tenant"),
                None,
            )?;
            let client_id = application
                .get(Attr::APP_ID)
                .map(|id| id.display_text().to_string())
                .unwrap_or_default();
            let context = Context {
                tenant: &created.tenant,
                now,
                ids: app.ids.as_ref(),
            };
            if let Some((admin, password)) = &admin {
                administrator::create(
                    tx,
                    &context,
                    &admin.user_principal_name,
                    password,
                    app.clock.as_ref(),
                )?;
            }
            Ok::<_, Problem>(Created {
                tenant_id: created.tenant.id,
                initial_domain: created.tenant.initial_domain().to_owned(),
                admin: admin.map(|(admin, _)| admin),
                application: Application {
                    client_id,
                    client_secret,
                },
            })
        });
        created.map_err(|problem| self.explained(app, problem))
    }

    fn text(output: &Created) -> String {
        let mut text = format!(
            "tenant         {}\ninitial domain {}\nclient id      {}\nclient secret  {}\n",
            output.tenant_id,
            output.initial_domain,
            output.application.client_id,
            output.application.client_secret
        );
        if let Some(admin) = &output.admin {
            text.push_str(&format!(
                "administrator  {}\npassword       {}\n",
                admin.user_principal_name, admin.password
            ));
        }
        text.push_str("The secrets are shown this once.\n");
        text
    }
}

impl TenantCreate {
    /// Who types it twice has perhaps lost what the first one printed.
    fn explained(&self, app: &App, problem: Problem) -> Failure {
        let taken = problem.kind == ProblemKind::Conflict;
        let failure = Failure::from(problem);
        if !taken {
            return failure;
        }
        let domain = self.domain.trim();
        failure.with_help(
            match app.store.read(|reader| app.tenant(reader, domain)) {
                Ok(_) => format!(
                    "`syncline tenant list` shows it; `syncline tenant recover {domain}` makes new secrets"
                ),
                Err(_) => "`syncline tenant list` shows it".to_owned(),
            },
        )
    }
}
