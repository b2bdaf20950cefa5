//! What tests of figures begin with.
use syncline_directory::tenants::{self, NewTenant};
use syncline_model::job::ScheduleState;
use syncline_model::{AppId, Job, Problem};
use tempfile::TempDir;

use crate::app::{App, Settings};
use crate::data_dir::DataDir;

/// On a file.
pub(super) fn opened(folder: &TempDir) -> App {
    let data = DataDir::new(folder.path().join("data"));
    data.create().unwrap();
    App::open(data, Settings::default()).unwrap()
}

/// A job that is due since a minute.
pub(crate) fn due(app: &App) -> Job {
    let now = app.clock.now();
    let new = NewTenant {
        id: None,
        domain: "contoso.example".to_owned(),
        display_name: "Contoso".to_owned(),
    };
    app.store
        .write(|tx| {
            let tenant = tenants::create(tx, app.ids.as_ref(), now, new)?.tenant.id;
            let app_id = AppId(app.ids.random_uuid());
            let job = Job {
                state: ScheduleState::Active,
                started_at: Some(now),
                next_due: Some(now.plus_seconds(-60)),
                ..Job::new(tenant, app.ids.object_id(), app_id, "Azure2Azure", now)
            };
            tx.insert_job(&job)?;
            Ok::<_, Problem>(job)
        })
        .unwrap()
}
