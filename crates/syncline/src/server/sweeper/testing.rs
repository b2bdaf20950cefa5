//! What the tests of this folder begin with.
use syncline_directory::Context;
use syncline_directory::tenants::{self, NewTenant};
use syncline_directory::users::{self, NewUser};
use syncline_model::job::ScheduleState;
use syncline_model::{AppId, Attr, Attrs, Clock, Job, Problem, Timestamp};
use syncline_store::Tenant;

use super::Kept;
use super::days::BY_DEFAULT;
use crate::app::{App, Settings};
use crate::data_dir::DataDir;
use crate::seam::SystemClock;

pub struct InDays(pub i64);

impl Clock for InDays {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(self.0 * 24 * 60 * 60)
    }
}

/// A tenant whose recycle bin holds so many people.
pub fn with_recycled(app: &App, domain: &str, people: usize) -> Tenant {
    let now = app.clock.now();
    app.store
        .write(|tx| {
            let new = NewTenant {
                id: None,
                domain: domain.to_owned(),
                display_name: domain.to_owned(),
            };
            let tenant = tenants::create(tx, app.ids.as_ref(), now, new)?.tenant;
            let context = Context {
                tenant: &tenant,
                now,
                ids: app.ids.as_ref(),
            };
            for number in 0..people {
                let attrs = Attrs::new()
                    .with(
                        Attr::USER_PRINCIPAL_NAME,
                        format!("p{number}@{domain}").as_str(),
                    )
                    .with(Attr::DISPLAY_NAME, "Somebody")
                    .with(Attr::MAIL_NICKNAME, format!("p{number}").as_str())
                    .with(Attr::ACCOUNT_ENABLED, true);
                let user = users::create(tx, &context, NewUser { attrs })?;
                users::delete(tx, &context, user.entry.id)?;
            }
            Ok::<_, Problem>(tenant)
        })
        .unwrap()
}

/// One slice of what is old by the clock of `app`, and by the days of its settings.
pub fn slice(app: &App) -> Result<bool, Problem> {
    let typed = app.settings.retention;
    let kept = Kept {
        log_days: typed.log_days.unwrap_or(BY_DEFAULT.log_days),
        deleted_days: typed.deleted_days.unwrap_or(BY_DEFAULT.deleted_days),
    };
    super::slice(app, app.clock.now(), kept)
}

pub fn opened(folder: &tempfile::TempDir) -> App {
    let data = DataDir::new(folder.path().join("data"));
    data.create().unwrap();
    App::open(data, Settings::default()).unwrap()
}

/// A job of this tenant that has never run.
pub fn job(app: &App, tenant: &Tenant) -> Job {
    let app_id = AppId(app.ids.random_uuid());
    let job = Job {
        state: ScheduleState::Active,
        ..Job::new(
            tenant.id,
            app.ids.object_id(),
            app_id,
            "Azure2Azure",
            app.clock.now(),
        )
    };
    app.store.write(|tx| tx.insert_job(&job)).unwrap();
    job
}
