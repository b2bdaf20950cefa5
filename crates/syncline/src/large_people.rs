//! For unit tests: people who are too large to be read at once.
use syncline_directory::Context;
use syncline_directory::users::{self, NewUser};
use syncline_model::{Attr, Attrs, ObjectId, Problem, Value};
use syncline_store::{Tenant, Tx};

use crate::app::{App, Settings};
use crate::commands::Action as _;
use crate::commands::tenant_create::TenantCreate;
use crate::data_dir::DataDir;
use crate::progress::Silent;

/// Each has about 60 KiB: together more than 4 MiB, and less than 8.
pub const COUNT: usize = 100;

/// A tenant that has these people.
pub struct World {
    _folder: tempfile::TempDir,
    pub app: App,
    pub tenant: Tenant,
    ids: Vec<ObjectId>,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let create = TenantCreate {
            domain: "contoso.example".to_owned(),
            display_name: "Contoso".to_owned(),
            id: None,
            admin: None,
        };
        create.execute(&app, &Silent).unwrap();
        let tenant = app
            .store
            .read(|reader| app.tenant(reader, "contoso.example"))
            .unwrap();
        let mut world = Self {
            _folder: folder,
            app,
            tenant,
            ids: Vec::new(),
        };
        let created = world
            .write(|tx, context| users::create_many(tx, context, (0..COUNT).map(person).collect()));
        world.ids = created.into_iter().map(Result::unwrap).collect();
        world
    }

    pub fn name(number: usize) -> String {
        format!("p{number}@contoso.example")
    }

    /// Puts all of them into the recycle bin.
    pub fn delete_all(&self) {
        self.write(|tx, context| {
            let mut ids = self.ids.iter();
            ids.try_for_each(|id| users::delete(tx, context, *id).map(|_| ()))
        });
    }

    fn write<T>(&self, work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> Result<T, Problem>) -> T {
        let context = Context {
            tenant: &self.tenant,
            now: self.app.clock.now(),
            ids: self.app.ids.as_ref(),
        };
        self.app.store.write(|tx| work(tx, &context)).unwrap()
    }
}

fn person(number: usize) -> NewUser {
    let mails = (0..250).map(|it| Value::text(format!("{it:0>230}@contoso.example")));
    NewUser {
        attrs: Attrs::new()
            .with(Attr::USER_PRINCIPAL_NAME, World::name(number).as_str())
            .with(Attr::DISPLAY_NAME, "Large")
            .with(Attr::MAIL_NICKNAME, "large")
            .with(Attr::ACCOUNT_ENABLED, true)
            .with(Attr::OTHER_MAILS, Value::List(mails.collect())),
    }
}
