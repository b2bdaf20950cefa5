//! What the status page shows: one tenant, and only to who holds a role there.

use serde_json::Value as Json;
use syncline_access::{DirectoryRole, SignedIn, roles};
use syncline_model::{Attr, EntityKind};
use syncline_store::{ObjectState, Reader, Tenant};

use crate::app::App;
use crate::commands::jobs_list::Summary;
use crate::commands::logs::Logs;
use crate::failure::Failure;

const NEWEST: usize = 50;

/// May read synchronization settings or the provisioning log in their tenant.
const MAY_LOOK: [DirectoryRole; 9] = [
    DirectoryRole::GlobalAdministrator,
    DirectoryRole::SecurityAdministrator,
    DirectoryRole::HybridIdentityAdministrator,
    DirectoryRole::CloudApplicationAdministrator,
    DirectoryRole::ApplicationAdministrator,
    DirectoryRole::SecurityReader,
    DirectoryRole::SecurityOperator,
    DirectoryRole::GlobalReader,
    DirectoryRole::ReportsReader,
];

#[derive(Clone, Debug)]
pub struct Status {
    pub visitor: String,
    pub tenant: Tenant,
    pub users: u64,
    pub groups: u64,
    pub jobs: Vec<Summary>,
    /// As Graph's `auditLogs/provisioning` shows them, newest first.
    pub log: Vec<Json>,
}

/// Whether this user lives, is enabled, and holds a role that may look.
pub fn may_look(app: &App, who: SignedIn) -> Result<bool, Failure> {
    app.store.read(|reader| Ok(visitor(reader, who)?.is_some()))
}

/// `None` when the visitor may not look any more.
pub fn read(app: &App, who: SignedIn) -> Result<Option<Status>, Failure> {
    app.store.read(|reader| {
        let (Some(visitor), Some(tenant)) = (visitor(reader, who)?, reader.tenant(who.tenant)?)
        else {
            return Ok(None);
        };
        let own = reader
            .all_jobs()?
            .into_iter()
            .filter(|job| job.tenant == who.tenant);
        let jobs = own
            .map(|job| Summary::of(app, reader, &job))
            .collect::<Result<Vec<_>, _>>()?;
        let newest = Logs {
            job: None,
            user: None,
            top: NEWEST,
        };
        let log = newest
            .walk(reader, who.tenant, None)?
            .into_iter()
            .map(|(_, row)| row)
            .collect();
        let count = |kind| reader.count_objects(who.tenant, kind, ObjectState::Live);
        Ok(Some(Status {
            visitor,
            users: count(EntityKind::User)?,
            groups: count(EntityKind::Group)?,
            tenant,
            jobs,
            log,
        }))
    })
}

/// The visitor's name.
fn visitor(reader: &Reader<'_>, who: SignedIn) -> Result<Option<String>, Failure> {
    let user = reader
        .objects(who.tenant, EntityKind::User, &[who.user])?
        .pop();
    let Some(user) = user.filter(|it| it.state == ObjectState::Live) else {
        return Ok(None);
    };
    if user.entry.bool(Attr::ACCOUNT_ENABLED) == Some(false) {
        return Ok(None);
    }
    let held = roles::of(reader, who.tenant, who.user)?;
    if !held.iter().any(|role| MAY_LOOK.contains(role)) {
        return Ok(None);
    }
    Ok(Some(
        user.entry
            .text(Attr::USER_PRINCIPAL_NAME)
            .unwrap_or_default()
            .to_owned(),
    ))
}
