//! What the status page shows: one tenant, and only to who holds a role there.

use serde_json::Value as Json;
use syncline_access::{DirectoryRole, SignedIn, passwords, roles, still_good};
use syncline_model::{Attr, EntityKind, Timestamp};
use syncline_store::{ObjectState, Reader, Tenant};

use crate::app::App;
use crate::commands::jobs_list::Summary;
use crate::commands::logs::Logs;
use crate::commands::logs::walk::Walk;
use crate::failure::Failure;
use crate::server::portal::sessions::Session;

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

/// The session of who signs in now; `None` when he holds no role that may look.
pub fn begin(app: &App, who: SignedIn, now: Timestamp) -> Result<Option<Session>, Failure> {
    app.store.read(|reader| {
        let session = Session {
            who,
            signed_in_at: now,
            password_generation: passwords::generation(reader, who.tenant, who.user)?,
        };
        Ok(visitor(reader, &session)?.map(|_| session))
    })
}

/// `None` when the visitor may not look any more.
pub fn read(app: &App, session: &Session) -> Result<Option<Status>, Failure> {
    let who = session.who;
    app.store.read(|reader| {
        let (Some(visitor), Some(tenant)) = (visitor(reader, session)?, reader.tenant(who.tenant)?)
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
            ..Logs::default()
        };
        let log = Walk::new(&newest, who.tenant, None)
            .through(reader)?
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

/// The visitor's name; `None` when his sign-in holds no more, or no role that may look.
fn visitor(reader: &Reader<'_>, session: &Session) -> Result<Option<String>, Failure> {
    let who = session.who;
    let good = still_good(
        reader,
        who.tenant,
        who.user,
        &session.password_generation,
        session.signed_in_at,
    );
    if !good.map_err(|refusal| Failure::new(refusal.description()))? {
        return Ok(None);
    }
    let user = reader
        .objects(who.tenant, EntityKind::User, &[who.user])?
        .pop();
    let held = roles::held(reader, who.tenant, who.user)?;
    if !held.iter().any(|role| MAY_LOOK.contains(role)) {
        return Ok(None);
    }
    Ok(user.map(|it| {
        let name = it.entry.text(Attr::USER_PRINCIPAL_NAME);
        name.unwrap_or_default().to_owned()
    }))
}
