//! A target that can be told to make trouble.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use syncline_connector::{
    Connected, Connectors, Discovered, Draft, Refused, Target, TargetCapability, TargetMemberships,
};
use syncline_directory::LocalConnectors;
use syncline_engine::{Creation, Fault, FaultKind, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{EntityKind, Job, ObjectId, Problem, TenantId};
use syncline_store::{Reader, StoreError, Tx};

use super::World;
use super::source::Counted;

type Loses = Box<dyn Fn(&Reader<'_>) -> bool + Send>;

type Refuses = Box<dyn Fn(&Operation) -> bool + Send>;

/// What the target is told.
#[derive(Default)]
pub struct Trouble {
    /// Operations that fail, each for itself.
    refused: Mutex<Option<Refuses>>,
    /// Operations that no batch survives.
    breaking: Mutex<Option<Refuses>>,
    /// The target does not answer look-ups.
    silent: Mutex<bool>,
    /// Whoever looks for more at once than this takes too long, and has lost the database by then.
    too_many: Mutex<Option<usize>>,
    /// So many more batches are carried out while the database is busy.
    busy: Mutex<usize>,
    /// Who has lost the database when he looks somebody up.
    lost: Mutex<Option<Loses>>,
    /// What fails because so many batches are over, fails by a panic.
    breaks_threads: Mutex<bool>,
    /// So many more batches are drafted; then drafting fails.
    drafts_left: Mutex<Option<usize>>,
    /// Done with each batch of look-ups.
    meanwhile: Mutex<Option<Box<dyn Fn() + Send>>>,
    /// The target is not in the database.
    remote: Mutex<bool>,
    /// So many more look-ups are answered; then they fail.
    answers_left: Mutex<Option<usize>>,
    /// Who is told that consent was asked for and an answer given, once.
    consent_asked: Mutex<Option<Sender<()>>>,
    /// How often it was.
    consents_asked: AtomicUsize,
    /// How often the source was asked who refers to whom.
    referrers_asked: Arc<AtomicUsize>,
    /// How often it was asked for the members of a group, or the groups of a member.
    groups_walked: Arc<AtomicUsize>,
    /// Where look-ups and drafts are worked on.
    threads: Mutex<HashSet<ThreadId>>,
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trouble")
    }
}

impl World {
    /// These operations fail, each for itself.
    pub fn target_refuses(&self, which: impl Fn(&Operation) -> bool + Send + 'static) {
        *self.trouble.refused.lock().unwrap() = Some(Box::new(which));
    }

    /// A batch with such an operation fails as a whole.
    pub fn target_breaks_over(&self, which: impl Fn(&Operation) -> bool + Send + 'static) {
        *self.trouble.breaking.lock().unwrap() = Some(Box::new(which));
    }

    /// The target does not answer.
    pub fn target_is_silent(&self) {
        *self.trouble.silent.lock().unwrap() = true;
    }

    /// Whoever looks for more at once than this loses the database over it.
    pub fn database_is_lost_to_more_than(&self, at_once: usize) {
        *self.trouble.too_many.lock().unwrap() = Some(at_once);
    }

    /// Of so many batches that are carried out from now on, a statement is refused because the database is busy.
    pub fn database_is_busy_for(&self, batches: usize) {
        *self.trouble.busy.lock().unwrap() = batches;
    }

    /// Whoever looks somebody up has lost the database, where this says so.
    pub fn database_is_lost_where(&self, which: impl Fn(&Reader<'_>) -> bool + Send + 'static) {
        *self.trouble.lost.lock().unwrap() = Some(Box::new(which));
    }

    /// So many batches are drafted, then none any more.
    pub fn target_drafts_only(&self, batches: usize) {
        *self.trouble.drafts_left.lock().unwrap() = Some(batches);
    }

    /// Whoever asks for what the target does not do any more, ends his thread.
    pub fn target_breaks_threads(&self) {
        *self.trouble.breaks_threads.lock().unwrap() = true;
    }

    /// So many batches of look-ups are answered, then none any more.
    pub fn target_answers_only(&self, batches: usize) {
        *self.trouble.answers_left.lock().unwrap() = Some(batches);
    }

    /// Something happens while the target answers a batch of look-ups.
    pub fn while_target_answers(&self, act: impl Fn() + Send + 'static) {
        *self.trouble.meanwhile.lock().unwrap() = Some(Box::new(act));
    }

    /// The target says that its answers come from elsewhere.
    pub fn target_is_remote(&self) {
        *self.trouble.remote.lock().unwrap() = true;
    }

    /// Says when the target has been asked for its consent, and has answered.
    pub fn when_consent_is_asked(&self) -> Receiver<()> {
        let (asked, is_asked) = mpsc::channel();
        *self.trouble.consent_asked.lock().unwrap() = Some(asked);
        is_asked
    }

    /// How often the target was asked for its consent, so far.
    pub fn consents_asked(&self) -> usize {
        self.trouble.consents_asked.load(Ordering::Relaxed)
    }

    /// How often the source was asked who refers to whom, so far.
    pub fn referrers_asked(&self) -> usize {
        self.trouble.referrers_asked.load(Ordering::Relaxed)
    }

    /// How often the source was asked for the members of a group, or the groups of a member, so far.
    pub fn groups_walked(&self) -> usize {
        self.trouble.groups_walked.load(Ordering::Relaxed)
    }

    /// On how many threads the target was asked, so far.
    pub fn threads_that_asked(&self) -> usize {
        self.trouble.threads.lock().unwrap().len()
    }

    pub fn target_is_well(&self) {
        *self.trouble.breaks_threads.lock().unwrap() = false;
        *self.trouble.drafts_left.lock().unwrap() = None;
        *self.trouble.answers_left.lock().unwrap() = None;
        *self.trouble.refused.lock().unwrap() = None;
        *self.trouble.breaking.lock().unwrap() = None;
        *self.trouble.silent.lock().unwrap() = false;
    }
}

impl Trouble {
    /// As [`one_less`], unless that is to break the thread.
    fn one_less(&self, left: &Mutex<Option<usize>>) -> bool {
        let is_left = one_less(left);
        if !is_left && *self.breaks_threads.lock().unwrap() {
            std::panic::resume_unwind(Box::new("the thread breaks here"));
        }
        is_left
    }

    fn asked_here(&self) {
        self.threads.lock().unwrap().insert(thread::current().id());
    }
}

/// One less is left, if they are counted; false when none is.
fn one_less(left: &Mutex<Option<usize>>) -> bool {
    match &mut *left.lock().unwrap() {
        None => true,
        Some(0) => false,
        Some(left) => {
            *left -= 1;
            true
        }
    }
}

/// Opens hosted tenants, with a target that listens to [`Trouble`].
#[derive(Debug)]
pub struct Switchboard {
    local: LocalConnectors,
    trouble: Arc<Trouble>,
}

impl Switchboard {
    pub fn new(local: LocalConnectors, trouble: Arc<Trouble>) -> Self {
        Self { local, trouble }
    }
}

impl Connectors for Switchboard {
    fn open(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        secrets: &BTreeMap<String, String>,
    ) -> Result<Connected, Problem> {
        let Connected {
            source,
            target,
            facts,
        } = self.local.open(reader, job, secrets)?;
        let target = Box::new(Troubled {
            target,
            trouble: self.trouble.clone(),
        });
        let source = Box::new(Counted {
            source,
            referrers_asked: self.trouble.referrers_asked.clone(),
            groups_walked: self.trouble.groups_walked.clone(),
        });
        Ok(Connected {
            source,
            target,
            facts,
        })
    }

    fn target_tenant(
        &self,
        reader: &Reader<'_>,
        secrets: &BTreeMap<String, String>,
    ) -> Result<TenantId, Problem> {
        self.local.target_tenant(reader, secrets)
    }
}

/// A draft, and the create that it is of: rules ask for its attributes.
struct Noted {
    create: Operation,
    draft: Draft,
}

#[derive(Debug)]
struct Troubled {
    target: Box<dyn Target>,
    trouble: Arc<Trouble>,
}

impl Target for Troubled {
    fn capability(&self) -> TargetCapability {
        let capability = self.target.capability();
        TargetCapability {
            transactional: capability.transactional && !*self.trouble.remote.lock().unwrap(),
            ..capability
        }
    }

    fn hosted(&self) -> Option<TenantId> {
        self.target.hosted()
    }

    fn memberships(&self) -> Option<&dyn TargetMemberships> {
        self.target.memberships()
    }

    fn permits(&self, page: &Reader<'_>) -> Result<Result<(), PolicyRefusal>, Fault> {
        let said = self.target.permits(page);
        self.trouble.consents_asked.fetch_add(1, Ordering::Relaxed);
        if let Some(asked) = self.trouble.consent_asked.lock().unwrap().take() {
            asked.send(()).unwrap();
        }
        said
    }

    fn refuses(&self, page: &Reader<'_>, kind: EntityKind) -> Result<Option<Fault>, Fault> {
        self.target.refuses(page, kind)
    }

    fn foresee(
        &self,
        snapshot: &Reader<'_>,
        creates: &[Creation<'_>],
    ) -> Result<Vec<Option<Refused>>, Fault> {
        self.target.foresee(snapshot, creates)
    }

    fn foresee_changes(
        &self,
        snapshot: &Reader<'_>,
        operations: &[Operation],
    ) -> Result<Vec<Option<Fault>>, Fault> {
        self.target.foresee_changes(snapshot, operations)
    }

    fn discover(
        &self,
        snapshot: &Reader<'_>,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<Discovered>, Fault> {
        self.target.discover(snapshot, kind, after, limit)
    }

    fn withholds(&self, page: &Reader<'_>, queries: &[LookupQuery]) -> Result<Vec<bool>, Fault> {
        self.target.withholds(page, queries)
    }

    fn find(
        &self,
        page: &Reader<'_>,
        queries: &[LookupQuery],
    ) -> Result<Vec<Vec<TargetObject>>, Fault> {
        self.trouble.asked_here();
        if *self.trouble.silent.lock().unwrap()
            || !self.trouble.one_less(&self.trouble.answers_left)
        {
            return Err(fault(FaultKind::Unavailable, "WebExceptionProtocolError"));
        }
        let too_many = *self.trouble.too_many.lock().unwrap();
        let lost = self.trouble.lost.lock().unwrap();
        let is_lost = lost.as_ref().is_some_and(|which| which(page));
        drop(lost);
        if is_lost || too_many.is_some_and(|most| queries.len() > most) {
            return Err(fault(FaultKind::Unavailable, StoreError::BUSY));
        }
        if let Some(act) = &*self.trouble.meanwhile.lock().unwrap() {
            act();
        }
        self.target.find(page, queries)
    }

    fn draft(
        &self,
        snapshot: &Reader<'_>,
        creates: &[Creation<'_>],
    ) -> Result<Vec<Option<Draft>>, Fault> {
        self.trouble.asked_here();
        if !self.trouble.one_less(&self.trouble.drafts_left) {
            return Err(fault(FaultKind::Unavailable, "InternalServerError"));
        }
        let drafts = self.target.draft(snapshot, creates)?;
        let drafts = drafts.into_iter().zip(creates);
        Ok(drafts
            .map(|(draft, create)| {
                Some(Draft::new(Noted {
                    create: create.operation(),
                    draft: draft?,
                }))
            })
            .collect())
    }

    fn apply(&self, page: &mut Tx<'_>, operations: &[Operation]) -> Result<Vec<Outcome>, Fault> {
        self.apply_drafted(page, operations, &[])
    }

    fn apply_drafted(
        &self,
        page: &mut Tx<'_>,
        operations: &[Operation],
        drafts: &[Option<Draft>],
    ) -> Result<Vec<Outcome>, Fault> {
        let refuses = |rule: &Mutex<Option<Refuses>>, operation: &Operation| {
            let rule = rule.lock().unwrap();
            rule.as_ref().is_some_and(|which| which(operation))
        };
        let noted = |at: usize| drafts.get(at)?.as_ref()?.read::<Noted>();
        let asked: Vec<&Operation> = operations
            .iter()
            .enumerate()
            .map(|(at, it)| noted(at).map_or(it, |noted| &noted.create))
            .collect();
        // It breaks after it wrote: what it wrote must not stay.
        let broken = asked
            .iter()
            .any(|operation| refuses(&self.trouble.breaking, operation));
        let is_refused: Vec<bool> = asked
            .iter()
            .map(|operation| refuses(&self.trouble.refused, operation))
            .collect();
        let (accepted, drafts): (Vec<Operation>, Vec<Option<Draft>>) = operations
            .iter()
            .cloned()
            .enumerate()
            .map(|(at, it)| (it, noted(at).map(|noted| noted.draft.clone())))
            .zip(&is_refused)
            .filter_map(|(accepted, refused)| (!refused).then_some(accepted))
            .unzip();
        let mut done = self
            .target
            .apply_drafted(page, &accepted, &drafts)?
            .into_iter();
        let mut busy = self.trouble.busy.lock().unwrap();
        if *busy > 0 {
            *busy -= 1;
            return Err(fault(FaultKind::Unavailable, StoreError::BUSY));
        }
        if broken {
            return Err(fault(FaultKind::Unavailable, "InternalServerError"));
        }
        Ok(is_refused
            .into_iter()
            .map(|refused| {
                if refused {
                    Outcome::Failed(fault(FaultKind::Forbidden, "InsufficientRights"))
                } else {
                    done.next().unwrap()
                }
            })
            .collect())
    }
}

fn fault(kind: FaultKind, code: &str) -> Fault {
    Fault {
        kind,
        code: code.to_owned(),
        message: "the target was told to".to_owned(),
        action: None,
        transient: false,
    }
}
