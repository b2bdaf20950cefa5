//! `syncline tenant create`.

use serde::{Deserialize, Serialize};
use syncline_access::passwords::{self, Hashed};
use syncline_access::{DirectoryRole, client_secrets, roles};
use syncline_directory::tenants::NewTenant;
use syncline_directory::{Context, tenants, users};
use syncline_model::{Attr, Attrs, Ids, ObjectId, Problem, TenantId};
use syncline_store::Tx;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantCreate {
    pub domain: String,
    pub display_name: String,
    pub id: Option<String>,
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
        let id = self.id.as_deref().map(parse_id).transpose()?;
        let admin = match &self.admin {
            Some(name) => {
                let password = password(app.ids.as_ref());
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
        Ok(app.store.write(|tx| {
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
                administrator(tx, &context, &admin.user_principal_name, password)?;
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
        })?)
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

fn parse_id(text: &str) -> Result<TenantId, Failure> {
    text.parse().map_err(|_| {
        Failure::new(format!("`{text}` is not a tenant id")).with_help(
            "give a GUID such as 3d5f7a3c-6c3d-4c55-9b8c-52ad2f6f1a11, or leave --id out",
        )
    })
}

/// A first user who holds the roles that the whole walk-through needs.
fn administrator(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    name: &str,
    password: &Hashed,
) -> Result<(), Problem> {
    let alias = name.split('@').next().unwrap_or(name);
    let attrs = Attrs::new()
        .with(Attr::USER_PRINCIPAL_NAME, name)
        .with(Attr::DISPLAY_NAME, "Administrator")
        .with(Attr::MAIL_NICKNAME, alias)
        .with(Attr::ACCOUNT_ENABLED, true);
    let user = users::create(tx, context, users::NewUser { attrs })?;
    passwords::set(tx, context.tenant_id(), user.entry.id, password)?;
    grant(tx, context, user.entry.id)
}

fn grant(tx: &mut Tx<'_>, context: &Context<'_>, user: ObjectId) -> Result<(), Problem> {
    roles::grant(
        tx,
        context.tenant_id(),
        context.ids,
        user,
        DirectoryRole::GlobalAdministrator,
    )?;
    Ok(())
}

/// Twenty letters and digits without those that look alike, in groups of five: 115 random bits.
/// The groups' hyphens and the three classes satisfy the password rules.
fn password(ids: &dyn Ids) -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    loop {
        let mut random = [0_u8; 64];
        ids.fill_secret(&mut random);
        // Bytes past the largest multiple are dropped, so that every letter is equally likely.
        let fair = u8::try_from(256 / LETTERS.len() * LETTERS.len()).unwrap_or(u8::MAX);
        let letters: Vec<char> = random
            .iter()
            .filter(|byte| **byte < fair)
            .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
            .take(20)
            .collect();
        let groups: Vec<String> = letters
            .chunks(5)
            .map(|group| group.iter().collect())
            .collect();
        let password = groups.join("-");
        if letters.len() == 20 && passwords::check(&password).is_ok() {
            return password;
        }
    }
}
