//! What tests of figures begin with.
use syncline_directory::tenants::{self, NewTenant};
use syncline_model::job::{JobStatus, ScheduleState};
use syncline_model::{AppId, Job, JobId, Problem};
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
                id: JobId::compose("Azure2Azure", tenant, app_id),
                tenant,
                service_principal: app.ids.object_id(),
                app_id,
                template: "Azure2Azure".to_owned(),
                created_at: now,
                interval_seconds: 2400,
                state: ScheduleState::Active,
                started_at: Some(now),
                settings: Vec::new(),
                status: JobStatus::default(),
                next_due: Some(now.plus_seconds(-60)),
                watermark: None,
                running: None,
                force_deletes: false,
                configuration_generation: 0,
                schema_digest: 0,
                evaluated_generation: 0,
                decided_generation: 0,
                pause_requested: false,
                references_waiting: 0,
                matching: 0,
                matched: None,
                removed_in_between: 0,
                semantics: 0,
                groups_to_walk: false,
                clock_read_at: None,
            };
            tx.insert_job(&job)?;
            Ok::<_, Problem>(job)
        })
        .unwrap()
}
