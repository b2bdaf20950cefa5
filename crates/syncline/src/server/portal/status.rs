//! What the status page shows: one tenant, and only to who holds a role there.

use serde_json::Value as Json;
use syncline_access::{DirectoryRole, RightPassword, roles, still_good};
use syncline_model::{Attr, EntityKind};
use syncline_store::{ObjectState, Reader, Tenant};

use crate::app::App;
use crate::commands::jobs_list::Jobs;
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
    pub jobs: Jobs,
    /// As Graph's `auditLogs/provisioning` shows them, newest first.
    pub log: Vec<Json>,
    /// How many entries that are as new can not be read.
    pub unreadable: usize,
}

/// Why somebody does not look at the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLet {
    /// The sign-in holds no more.
    Ended,
    /// No role that may look.
    NoRole,
}

/// The session of who typed this password, if he may look.
pub fn begin(app: &App, right: &RightPassword) -> Result<Result<Session, NotLet>, Failure> {
    app.store.read(|reader| {
        let session = Session {
            who: right.who,
            signed_in_at: right.signed_in_at,
            // Not the present one: that may be another already.
            password_generation: right.generation.clone(),
        };
        Ok(visitor(reader, &session)?.map(|_| session))
    })
}

/// `None` when the visitor may not look any more.
pub fn read(app: &App, session: &Session) -> Result<Option<Status>, Failure> {
    let who = session.who;
    app.store.read(|reader| {
        let (Ok(visitor), Some(tenant)) = (visitor(reader, session)?, reader.tenant(who.tenant)?)
        else {
            return Ok(None);
        };
        let jobs = Jobs::of(app, reader, |it| it == who.tenant)?;
        let newest = Logs {
            job: None,
            user: None,
            top: NEWEST,
            ..Logs::default()
        };
        let found = Walk::new(&newest, who.tenant, None).through(reader)?;
        let count = |kind| reader.count_objects(who.tenant, kind, ObjectState::Live);
        Ok(Some(Status {
            visitor,
            users: count(EntityKind::User)?,
            groups: count(EntityKind::Group)?,
            tenant,
            jobs,
            unreadable: found.unreadable.len(),
            log: found.rows().collect(),
        }))
    })
}

/// The visitor's name, if he may look.
fn visitor(reader: &Reader<'_>, session: &Session) -> Result<Result<String, NotLet>, Failure> {
    let who = session.who;
    let good = still_good(
        reader,
        who.tenant,
        who.user,
        &session.password_generation,
        session.signed_in_at,
    );
    if !good.map_err(|refusal| Failure::new(refusal.description()))? {
        return Ok(Err(NotLet::Ended));
    }
    let user = reader
        .objects(who.tenant, EntityKind::User, &[who.user])?
        .pop();
    let held = roles::held(reader, who.tenant, who.user)?;
    if !held.iter().any(|role| MAY_LOOK.contains(role)) {
        return Ok(Err(NotLet::NoRole));
    }
    let user = user.ok_or(NotLet::Ended);
    Ok(user.map(|it| {
        let name = it.entry.text(Attr::USER_PRINCIPAL_NAME);
        name.unwrap_or_default().to_owned()
    }))
}
