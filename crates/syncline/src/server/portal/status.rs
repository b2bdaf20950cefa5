//! What the status page shows: one tenant, and of it what the visitor's roles open in Graph.

use std::collections::BTreeSet;

use syncline_access::permissions::{LOGS_READ, SYNC_READ};
use syncline_access::{Access, DirectoryRole, RightPassword, roles, still_good};
use syncline_model::{Attr, EntityKind, Problem, TenantId};
use syncline_store::{ObjectState, Reader, Tenant};

use super::newest::{self, Newest};
use super::sessions::Session;
use crate::app::App;
use crate::commands::jobs_list::Jobs;
use crate::failure::Failure;

/// So many jobs are shown.
const MOST_JOBS: usize = 100;

#[derive(Clone, Debug)]
pub struct Status {
    pub visitor: String,
    pub tenant: Tenant,
    pub users: u64,
    pub groups: u64,
    /// `None`: the visitor's roles do not open them.
    pub jobs: Option<OldestJobs>,
    /// The same of the log.
    pub log: Option<Newest>,
}

/// As many jobs as are shown.
#[derive(Clone, Debug)]
pub struct OldestJobs {
    pub shown: Jobs,
    /// How many there are besides.
    pub more: u64,
}

impl OldestJobs {
    fn of(app: &App, reader: &Reader<'_>, tenant: TenantId) -> Result<Self, Problem> {
        let rows = reader.job_rows_of(tenant, MOST_JOBS)?;
        let shown = rows.len() as u64;
        Ok(Self {
            more: reader.count_jobs_of(tenant)?.saturating_sub(shown),
            shown: Jobs::of(app, reader, rows)?,
        })
    }
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
    fn of(access: &Access, held: &BTreeSet<DirectoryRole>) -> Self {
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
        let jobs = || OldestJobs::of(app, reader, who.tenant);
        let log = || newest::read(reader, who.tenant);
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
