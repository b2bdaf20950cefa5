//! Contoso, whose people are synchronized into Fabrikam, and the words the tests speak in.

mod aftermath;
mod bystanders;
mod configuration;
mod groups;
mod on_demand;
mod people;
mod source;
mod sweeper;
mod target;
mod trouble;
mod undo;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use syncline_directory::{Context, LocalConnectors, applications, tenants};
use syncline_engine::quarantine::Thresholds;
use syncline_model::job::CycleReport;
use syncline_model::{AppId, Attr, Clock, Job, JobId, ObjectId, Problem, TenantId};
use syncline_runner::{Observer, PageSizes, Progress, Runner, Silent};
use syncline_store::{ConnectionLimit, MasterKey, Store, Stored, Tenant, Tx};
use syncline_testkit::{CountedIds, FakeClock, Proxy, Role};

pub use aftermath::Traces;
pub use bystanders::Bystanders;
pub use configuration::{map, only};
pub use groups::Group;
pub use people::{Person, upn};
pub use target::{Guest, State};
use trouble::{Switchboard, Trouble};
pub use undo::{left, undo_of};

/// How long after one cycle the next begins.
pub const INTERVAL_SECONDS: i64 = 40 * 60;
const FILE: &str = "syncline.db";
const CROSS_TENANT: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

pub struct World {
    pub store: Arc<Store>,
    pub clock: Arc<FakeClock>,
    pub ids: Arc<CountedIds>,
    pub runner: Runner,
    pub contoso: Tenant,
    pub fabrikam: Tenant,
    pub service_principal: ObjectId,
    pub job: JobId,
    trouble: Arc<Trouble>,
    people: Mutex<BTreeMap<String, ObjectId>>,
    groups: Mutex<BTreeMap<String, ObjectId>>,
    key: MasterKey,
    folder: tempfile::TempDir,
}

impl World {
    /// Both sides agreed, everyone is in scope, the job is started; nobody lives in Contoso yet.
    pub fn new() -> Self {
        let world = Self::of_strangers();
        world.fabrikam_allows();
        world.contoso_consents();
        world
    }

    /// As [`World::new`], but nobody allowed anything.
    pub fn of_strangers() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let store =
            Arc::new(syncline_testkit::open_store(&folder.path().join(FILE), &key).unwrap());
        let clock = Arc::new(FakeClock::new());
        let ids = Arc::new(CountedIds::new());
        let contoso = new_tenant(&store, &ids, &clock, "contoso", "Contoso");
        let fabrikam = new_tenant(&store, &ids, &clock, "fabrikam", "Fabrikam");
        let (application, service_principal) = store
            .write(|tx| {
                let context = Context {
                    tenant: &contoso,
                    now: clock.now(),
                    ids: ids.as_ref(),
                };
                applications::instantiate(tx, &context, CROSS_TENANT, "Fabrikam")
            })
            .unwrap();
        let app_id = AppId(application.entry.guid(Attr::APP_ID).unwrap());

        let trouble = Arc::new(Trouble::default());
        let connectors = Switchboard::new(
            LocalConnectors::new(ids.clone(), clock.clone()),
            trouble.clone(),
        );
        let runner = Runner::new(
            store.clone(),
            clock.clone(),
            ids.clone(),
            Arc::new(connectors),
        );
        let service_principal = service_principal.entry.id;
        let world = Self {
            job: JobId::compose("Azure2Azure", contoso.id, app_id),
            store,
            clock,
            ids,
            runner,
            contoso,
            fabrikam,
            service_principal,
            trouble,
            people: Mutex::default(),
            groups: Mutex::default(),
            key,
            folder,
        };
        world.secret("AuthenticationType", "SyncPolicy");
        world.secret("CompanyId", &world.fabrikam.id.to_string());
        world.secret("SyncAll", "true");
        let created = world
            .runner
            .create_job(world.contoso.id, service_principal, app_id, "Azure2Azure")
            .unwrap();
        assert_eq!(created.id, world.job);
        world.start();
        world
    }

    /// Makes a second configuration between the same tenants, everyone in scope, and speaks of it
    /// from now on. Returns what was spoken of before, for [`World::speak_of`].
    pub fn another_configuration(&mut self) -> (ObjectId, JobId) {
        self.configuration_towards(self.fabrikam.id)
    }

    /// The same towards a third tenant, which lets Contoso in. What is checked after a cycle is Fabrikam's:
    /// for this one, [`World::cycle_without_checks`].
    pub fn configuration_towards_tailspin(&mut self) -> (ObjectId, JobId) {
        let tailspin = self.tailspin();
        self.configuration_towards(tailspin)
    }

    /// Makes the third tenant.
    pub fn tailspin(&self) -> TenantId {
        let tailspin = new_tenant(&self.store, &self.ids, &self.clock, "tailspin", "Tailspin");
        self.agreed_with(tailspin.id);
        tailspin.id
    }

    fn configuration_towards(&mut self, target: TenantId) -> (ObjectId, JobId) {
        let (application, service_principal) = self.write(|tx, context| {
            applications::instantiate(tx, context, CROSS_TENANT, "Fabrikam again")
        });
        let app_id = AppId(application.entry.guid(Attr::APP_ID).unwrap());
        let job = JobId::compose("Azure2Azure", self.contoso.id, app_id);
        let before = self.speak_of((service_principal.entry.id, job));
        self.secret("AuthenticationType", "SyncPolicy");
        self.secret("CompanyId", &target.to_string());
        self.secret("SyncAll", "true");
        self.runner
            .create_job(
                self.contoso.id,
                self.service_principal,
                app_id,
                "Azure2Azure",
            )
            .unwrap();
        self.start();
        before
    }

    /// Which configuration cycles, secrets and assignments are about.
    pub fn speak_of(&mut self, configuration: (ObjectId, JobId)) -> (ObjectId, JobId) {
        let before = (self.service_principal, self.job.clone());
        (self.service_principal, self.job) = configuration;
        before
    }

    /// Pages of so many objects.
    #[must_use]
    pub fn with_pages_of(self, size: usize) -> Self {
        self.with_page_sizes(PageSizes::fixed(size))
    }

    /// The same, of which one transaction may take so many.
    #[must_use]
    pub fn with_joined_pages_of(self, size: usize, in_one: usize) -> Self {
        self.with_page_sizes(PageSizes {
            in_one,
            ..PageSizes::fixed(size)
        })
    }

    /// The usual pages, but few changes are no more than so many.
    #[must_use]
    pub fn with_few_changes_up_to(self, few: usize) -> Self {
        self.with_page_sizes(PageSizes {
            few,
            ..PageSizes::default()
        })
    }

    #[must_use]
    pub fn with_page_sizes(mut self, sizes: PageSizes) -> Self {
        self.runner = self.runner.with_page_sizes(sizes);
        self
    }

    /// Whose thresholds are a thousandth of Entra's, for a thousandth of the people.
    #[must_use]
    pub fn with_low_thresholds(mut self) -> Self {
        let entra = Thresholds::default();
        self.runner = self.runner.with_thresholds(Thresholds {
            fewest: entra.fewest / 1000,
            most: entra.most / 1000,
            most_in_all: entra.most_in_all / 1000,
            percent: entra.percent,
        });
        self
    }

    /// Another process on the same store: it knows nothing but what is stored.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        let runner = self.another_process();
        Self { runner, ..self }
    }

    /// What runs cycles in another process on the same store.
    pub fn another_process(&self) -> Runner {
        self.process_on(self.store.clone())
    }

    /// The same, in a process that reaches the database through a network that can be disturbed.
    pub fn process_behind(&self, proxy: &Proxy) -> Runner {
        let path = self.folder.path().join(FILE);
        // What is not answered for one or two seconds is looked into.
        let url = format!("{}&connect_timeout=1", proxy.url(&path));
        let store = Store::connect(&url, ConnectionLimit(6), &self.key).unwrap();
        self.process_on(Arc::new(store))
    }

    /// Another user of the database, where there are users.
    pub fn another_user(&self) -> Option<Role> {
        Role::of(&self.folder.path().join(FILE))
    }

    /// The same as [`World::another_process`], in a process that this user's connections are of.
    pub fn process_as(&self, role: &Role) -> Runner {
        let store = Store::connect(role.url(), ConnectionLimit(6), &self.key).unwrap();
        self.process_on(Arc::new(store))
    }

    /// The same as [`World::another_process`], whose clock shows so many seconds more, or fewer.
    pub fn process_ahead_by(&self, seconds: i64) -> Runner {
        let clock = FakeClock::new();
        let passed = self.clock.now().seconds() - clock.now().seconds();
        clock.advance_seconds(passed + seconds);
        self.process_with(self.store.clone(), Arc::new(clock))
    }

    /// Nobody can read the row of the first job any more.
    pub fn spoil_first_job(&self) {
        let path = self.folder.path().join(FILE);
        if !syncline_testkit::execute(&path, "UPDATE job SET body = '{' WHERE job_no = 1") {
            syncline_testkit::spoil(&path, "job", 1);
        }
    }

    /// The database, opened once more as another process does.
    pub fn another_store(&self) -> Store {
        syncline_testkit::open_store(&self.folder.path().join(FILE), &self.key).unwrap()
    }

    fn process_on(&self, store: Arc<Store>) -> Runner {
        self.process_with(store, self.clock.clone())
    }

    fn process_with(&self, store: Arc<Store>, clock: Arc<FakeClock>) -> Runner {
        let connectors = Switchboard::new(
            LocalConnectors::new(self.ids.clone(), clock.clone()),
            self.trouble.clone(),
        );
        Runner::new(store, clock, self.ids.clone(), Arc::new(connectors))
    }

    pub fn start(&self) -> Job {
        self.runner.start(self.contoso.id, &self.job).unwrap()
    }

    pub fn pause(&self) -> Job {
        self.runner.pause(self.contoso.id, &self.job).unwrap()
    }

    /// One whole cycle, an interval after the one before, with everything checked that must hold
    /// after any cycle.
    pub fn cycle(&self) -> CycleReport {
        self.cycle_watched_by(&Silent)
    }

    /// A cycle during which something happens.
    pub fn cycle_watched_by(&self, observer: &dyn Observer) -> CycleReport {
        let report = self.try_cycle(observer).unwrap();
        self.check_aftermath(&report);
        report
    }

    /// The same without an interval before it.
    pub fn cycle_at_once(&self) -> CycleReport {
        let ran = self.runner.run_cycle(self.contoso.id, &self.job, &Silent);
        let report = ran.unwrap();
        self.check_aftermath(&report);
        report
    }

    pub fn try_cycle(&self, observer: &dyn Observer) -> Result<CycleReport, Problem> {
        self.clock.advance_seconds(INTERVAL_SECONDS);
        self.runner.run_cycle(self.contoso.id, &self.job, observer)
    }

    /// A cycle of a world that is broken on purpose.
    pub fn cycle_without_checks(&self) -> CycleReport {
        self.try_cycle(&Silent).unwrap()
    }

    /// Until somebody waits for the cycle in progress.
    pub fn wait_until_joined(&self) {
        syncline_testkit::until("somebody waits for the cycle", || {
            self.runner.joined(&self.job) > 0
        });
    }

    pub fn stored_job(&self) -> Job {
        self.store
            .read(|reader| reader.job(self.contoso.id, &self.job))
            .unwrap()
            .unwrap()
    }

    /// Writes in Contoso.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> Result<T, Problem>,
    ) -> T {
        self.write_in(&self.contoso, work)
    }

    pub fn write_in<T>(
        &self,
        tenant: &Tenant,
        work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> Result<T, Problem>,
    ) -> T {
        let context = Context {
            tenant,
            now: self.clock.now(),
            ids: self.ids.as_ref(),
        };
        self.store.write(|tx| work(tx, &context)).unwrap()
    }
}

fn new_tenant(
    store: &Store,
    ids: &CountedIds,
    clock: &FakeClock,
    label: &str,
    name: &str,
) -> Tenant {
    let new = tenants::NewTenant {
        id: None,
        domain: format!("{label}.example"),
        display_name: name.to_owned(),
    };
    let made = store.write(|tx| tenants::create(tx, ids, clock.now(), new));
    made.unwrap().tenant
}

/// Does something after a page, given how many pages there were.
pub struct AfterPage<F>(Mutex<(u32, F)>);

impl<F: FnMut(u32, &Progress)> AfterPage<F> {
    pub fn new(act: F) -> Self {
        Self(Mutex::new((0, act)))
    }
}

impl<F: FnMut(u32, &Progress)> Observer for AfterPage<F> {
    fn page_done(&self, progress: &Progress) {
        let mut state = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        state.0 += 1;
        let page = state.0;
        (state.1)(page, progress);
    }
}

/// Does something once, after the first page.
pub fn after_first_page(act: impl Fn()) -> impl Observer {
    AfterPage::new(move |page, _: &Progress| {
        if page == 1 {
            act();
        }
    })
}

/// Does something once, when a page is decided and not yet carried out.
pub struct BeforePage<F> {
    wanted: u32,
    met: Cell<u32>,
    act: F,
}

impl<F: Fn()> Observer for BeforePage<F> {
    fn page_done(&self, _progress: &Progress) {}

    fn page_begins(&self) {
        self.met.set(self.met.get() + 1);
        if self.met.get() == self.wanted {
            (self.act)();
        }
    }
}

pub fn before_page(wanted: u32, act: impl Fn()) -> impl Observer {
    BeforePage {
        wanted,
        met: Cell::new(0),
        act,
    }
}

pub fn id_of(stored: &Stored) -> ObjectId {
    stored.entry.id
}
