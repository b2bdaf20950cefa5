//! What the status page shows: one tenant, and of it what the visitor's roles open in Graph.

use serde_json::Value as Json;
use syncline_access::permissions::{LOGS_READ, SYNC_READ};
use syncline_access::{Access, DirectoryRole, RightPassword, roles, still_good};
use syncline_model::{Attr, EntityKind, TenantId};
use syncline_store::{ObjectState, Reader, Tenant};

use crate::app::App;
use crate::commands::jobs_list::Jobs;
use crate::commands::logs::Logs;
use crate::commands::logs::walk::Walk;
use crate::failure::Failure;
use crate::server::portal::sessions::Session;

const NEWEST: usize = 50;

#[derive(Clone, Debug)]
pub struct Status {
    pub visitor: String,
    pub tenant: Tenant,
    pub users: u64,
    pub groups: u64,
    /// `None`: the visitor's roles do not open them.
    pub jobs: Option<Jobs>,
    /// The same of the log.
    pub log: Option<Log>,
}

/// The newest entries of the log.
#[derive(Clone, Debug)]
pub struct Log {
    /// As Graph's `auditLogs/provisioning` shows them, newest first.
    pub rows: Vec<Json>,
    /// How many entries that are as new can not be read.
    pub unreadable: usize,
}

/// Who looks, and at what.
struct Visitor {
    name: String,
    sees: Sight,
}

/// What somebody's roles open.
#[derive(Clone, Copy)]
struct Sight {
    jobs: bool,
    log: bool,
}

impl Sight {
    fn of(access: &Access, held: &[DirectoryRole]) -> Self {
        Self {
            jobs: access.opens_to(&SYNC_READ, held),
            log: access.opens_to(&LOGS_READ, held),
        }
    }
}

/// Why somebody does not look at the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLet {
    /// The sign-in holds no more.
    Ended,
    /// No role that opens anything of it.
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
        Ok(visitor(app, reader, &session)?.map(|_| session))
    })
}

/// `None` when the visitor may not look any more.
pub fn read(app: &App, session: &Session) -> Result<Option<Status>, Failure> {
    let who = session.who;
    app.store.read(|reader| {
        let visitor = visitor(app, reader, session)?;
        let (Ok(Visitor { name, sees }), Some(tenant)) = (visitor, reader.tenant(who.tenant)?)
        else {
            return Ok(None);
        };
        let jobs = || Jobs::of(app, reader, |it| it == who.tenant);
        let log = || newest(reader, who.tenant);
        let count = |kind| reader.count_objects(who.tenant, kind, ObjectState::Live);
        Ok(Some(Status {
            visitor: name,
            users: count(EntityKind::User)?,
            groups: count(EntityKind::Group)?,
            tenant,
            jobs: sees.jobs.then(jobs).transpose()?,
            log: sees.log.then(log).transpose()?,
        }))
    })
}

fn newest(reader: &Reader<'_>, tenant: TenantId) -> Result<Log, Failure> {
    let newest = Logs {
        top: NEWEST,
        ..Logs::default()
    };
    let found = Walk::new(&newest, tenant, None).through(reader)?;
    Ok(Log {
        unreadable: found.unreadable.len(),
        rows: found.rows().collect(),
    })
}

/// The visitor, if he may look at anything.
fn visitor(
    app: &App,
    reader: &Reader<'_>,
    session: &Session,
) -> Result<Result<Visitor, NotLet>, Failure> {
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
    let sees = Sight::of(&app.access, &held);
    if !sees.jobs && !sees.log {
        return Ok(Err(NotLet::NoRole));
    }
    let user = user.ok_or(NotLet::Ended);
    Ok(user.map(|it| {
        let name = it.entry.text(Attr::USER_PRINCIPAL_NAME);
        Visitor {
            name: name.unwrap_or_default().to_owned(),
            sees,
        }
    }))
}
