//! People, made as `POST /users` makes them but for the password that it asks for: hashing one takes longer than all
//! the rest, and few tests need it.

use syncline_directory::Context;
use syncline_directory::users::{self, NewUser};
use syncline_model::{Attr, Attrs, Clock as _};

use super::{World, id, person};

impl World {
    /// Creates a user of Contoso, without a password, and returns the id.
    pub fn user(&self, alias: &str) -> String {
        self.user_with(alias, Attrs::new())
    }

    /// The same with other attributes beside.
    pub fn user_with(&self, alias: &str, others: Attrs) -> String {
        let attrs = others
            .with(Attr::ACCOUNT_ENABLED, true)
            .with(Attr::DISPLAY_NAME, alias)
            .with(Attr::MAIL_NICKNAME, alias)
            .with(
                Attr::USER_PRINCIPAL_NAME,
                format!("{alias}@contoso.example"),
            );
        let created = self.store.write(|tx| {
            let contoso = tx.tenant(self.tenants.contoso.id)?.unwrap();
            let context = Context {
                tenant: &contoso,
                now: self.clock.now(),
                ids: self.ids.as_ref(),
            };
            users::create(tx, &context, NewUser { attrs })
        });
        created.unwrap().entry.id.to_string()
    }

    /// Creates a user of Contoso, with the password of [`person`], and returns the id.
    pub fn user_with_password(&self, alias: &str) -> String {
        id(&self.contoso().post("/v1.0/users", person(alias)).created())
    }
}
