//! Two data directories with one key and one database, two tenants in it, and a job between them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use syncline_engine::Evidence;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{CyclePhase, Execution, RunningCycle};
use syncline_model::{Attr, EntityKind, Job, JobId, Link, ObjectId, Problem, TenantId};
use syncline_store::{
    ConnectionLimit, EdgeKind, LogFilter, MasterKey, NodeId, ObjectState, Store, StoreError, Stored,
};
use syncline_testkit::Proxy;
use tokio::runtime::Runtime;

use crate::configuration::configure;
use crate::support::{Server, Syncline, token};

/// Several parts of several pages, whatever size the pages grow to.
pub const PEOPLE: usize = 3_600;
pub const PART: &str = "1200";
/// So many of them that whoever helps gets one, however late he looks.
pub const SMALL_PART: &str = "300";
/// Long enough that nobody loses it by being slow, short enough to be waited for.
const LEASE_SECONDS: &str = "3";

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Far more than anything here takes; a test that waits for what never comes ends.
const MOST_LOOKS: usize = 15_000;

pub struct Installation {
    homes: [Syncline; 2],
    url: String,
    /// The connections of each server are told apart from ours, and from the other's, by their name.
    names: [String; 2],
    /// The database, seen by the test.
    store: Store,
    source: TenantId,
    target: TenantId,
    job: JobId,
    /// The source tenant, as it was told when it was made.
    contoso: Value,
    runtime: Runtime,
}

/// A cycle as it was when something happened to it, and its servers.
pub struct Struck<T> {
    pub begun: RunningCycle,
    pub leader: Server,
    pub other: Server,
    pub by: T,
}

/// Everything that a cycle writes.
#[derive(Debug, PartialEq)]
pub struct Traces {
    sequences: [u64; 2],
    links: Vec<Link>,
    log: usize,
    job: Job,
}

impl Installation {
    pub fn new(name: &str) -> Self {
        let homes = [Syncline::new(), Syncline::new()];
        let database = syncline_testkit::postgres_url(&shared(&homes[0])).unwrap();
        let names = ["a", "b"].map(|it| format!("nodes_{name}_{}_{it}", std::process::id()));
        let runtime = Runtime::new().unwrap();

        let server = serve(&homes[0], &database, &["--no-scheduler"]);
        std::fs::create_dir_all(homes[1].data()).unwrap();
        std::fs::copy(homes[0].data().join("key"), homes[1].data().join("key")).unwrap();
        let source = homes[0].tenant("contoso");
        let target = homes[0].tenant("fabrikam");
        let people = homes[0].file("people.csv", people().as_bytes());
        let imported = homes[0].json(&["import", "--tenant", "contoso.example", &people]);
        assert_eq!(imported["created"], PEOPLE);
        let job = runtime.block_on(configure(&server, &source, &target, &[]));
        assert_eq!(server.stop(), Some(0));

        let key = MasterKey::load_or_create(&homes[0].data().join("key")).unwrap();
        let id = |tenant: &Value| tenant["tenantId"].as_str().unwrap().parse().unwrap();
        Self {
            store: Store::connect(&database, ConnectionLimit(2), &key).unwrap(),
            source: id(&source),
            target: id(&target),
            job: JobId(job),
            contoso: source,
            homes,
            url: database,
            names,
            runtime,
        }
    }

    /// Both servers, with nothing to do yet.
    pub fn serve_two(&self, part: &str) -> [Server; 2] {
        let options = ["--lease-seconds", LEASE_SECONDS, "--part-size", part];
        let serve = |which: usize| {
            let url = format!("{}&application_name={}", self.url, self.names[which]);
            serve(&self.homes[which], &url, &options)
        };
        [serve(0), serve(1)]
    }

    /// Both servers, of which the first one begins no cycle.
    pub fn serve_one_that_only_answers(&self) -> [Server; 2] {
        let serve = |which: usize, options: &[&str]| serve(&self.homes[which], &self.url, options);
        [serve(0, &["--no-scheduler"]), serve(1, &[])]
    }

    /// Changes something in the source tenant through a server.
    pub fn patch(&self, server: &Server, path: &str, body: &Value) {
        let token = self.token(server);
        let url = format!("{}/v1.0/{path}", server.origin);
        let status = self.runtime.block_on(async {
            let request = server.client().patch(url).bearer_auth(token).json(body);
            request.send().await.unwrap().status()
        });
        assert_eq!(status, 204);
    }

    /// The path of the job.
    pub fn job_path(&self) -> String {
        let job = self.job();
        let of = job.service_principal;
        format!("servicePrincipals/{of}/synchronization/jobs/{}", job.id)
    }

    /// How many people have a title in the target.
    pub fn titles_in_target(&self, title: &str) -> usize {
        let all = self.store.read(|reader| {
            reader.scan(
                self.target,
                EntityKind::User,
                ObjectState::Live,
                None,
                1_000_000,
            )
        });
        let has = |it: &&Stored| it.entry.text(Attr::JOB_TITLE) == Some(title);
        all.unwrap().rows.iter().filter(has).count()
    }

    /// Both servers, each behind a network of its own that can be disturbed.
    pub fn serve_behind(&self, networks: &[Proxy; 2]) -> [Server; 2] {
        let options = ["--lease-seconds", LEASE_SECONDS, "--part-size", PART];
        let serve_behind = |which: usize| {
            let url = networks[which].url(&shared(&self.homes[0]));
            // What is not answered for one or two seconds is looked into.
            serve(
                &self.homes[which],
                &format!("{url}&connect_timeout=1"),
                &options,
            )
        };
        [serve_behind(0), serve_behind(1)]
    }

    /// What asking a server for people is answered with, and with which code.
    pub fn people_of(&self, server: &Server, token: &str) -> (u16, Value) {
        let url = format!("{}/v1.0/users?$top=1", server.origin);
        self.runtime.block_on(async {
            let request = server.client().get(url).bearer_auth(token);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json().await.unwrap())
        })
    }

    pub fn token(&self, server: &Server) -> String {
        self.runtime.block_on(token(server, &self.contoso))
    }

    /// How many servers work on a part of the full read now.
    fn servers_at_work(&self) -> usize {
        let parts = self
            .store
            .read(|reader| reader.parts(self.source, &self.job))
            .unwrap();
        let held = parts.iter().filter(|part| !part.done);
        let owners: BTreeSet<String> = held
            .filter(|part| part.lease.owner != NodeId::NIL)
            .map(|part| format!("{:?}", part.lease.owner))
            .collect();
        owners.len()
    }

    /// Makes the first cycle due.
    pub fn start(&self) {
        self.homes[0].json(&["jobs", "start", "--job", self.job.as_str()]);
    }

    /// Calls `strike` with the server that leads the first cycle and the other one, while the cycle has
    /// read somebody and not all, and stands still.
    pub fn in_mid_cycle<T>(
        &self,
        servers: [Server; 2],
        strike: impl FnOnce(&Server, &Server) -> T,
    ) -> Struck<T> {
        self.in_mid_cycle_led(servers, |cycle| cycle.imported > 0, strike)
    }

    /// The same, while both servers work on a part of the full read.
    pub fn in_mid_cycle_of_both<T>(
        &self,
        servers: [Server; 2],
        strike: impl FnOnce(&Server, &Server) -> T,
    ) -> Struck<T> {
        let both_work = |_: &RunningCycle| {
            let both = self.servers_at_work() == 2;
            if !both {
                // Whoever comes to help looks now and then: the other one is not to be done before that.
                self.wait_until("both servers come to the tenant", || {
                    let waits = |it: &String| syncline_testkit::waits_for_a_lock(it);
                    self.names.iter().all(waits)
                });
            }
            both
        };
        self.in_mid_cycle_led(servers, both_work, strike)
    }

    fn in_mid_cycle_led<T>(
        &self,
        servers: [Server; 2],
        ready: impl Fn(&RunningCycle) -> bool,
        strike: impl FnOnce(&Server, &Server) -> T,
    ) -> Struck<T> {
        let led_by = Cell::new(None);
        let led = |cycle: &RunningCycle| {
            led_by.set(self.leader(&servers));
            ready(cycle) && led_by.get().is_some()
        };
        let (begun, (first_leads, by)) = self.in_mid_cycle_when(led, |_| {
            let [first, second] = &servers;
            let first_leads = led_by.get() == Some(0);
            let by = match first_leads {
                true => strike(first, second),
                false => strike(second, first),
            };
            (first_leads, by)
        });
        let [first, second] = servers;
        let (leader, other) = match first_leads {
            true => (first, second),
            false => (second, first),
        };
        Struck {
            begun,
            leader,
            other,
            by,
        }
    }

    /// Calls `strike` while the first cycle is ready for it and stands still. Returns the cycle as it
    /// was then.
    pub fn in_mid_cycle_when<T>(
        &self,
        ready: impl Fn(&RunningCycle) -> bool,
        strike: impl FnOnce(&RunningCycle) -> T,
    ) -> (RunningCycle, T) {
        let mut strike = Some(strike);
        let mut found = None;
        self.wait_until("the cycle has come far enough", || {
            let held: Result<(), Problem> = self.store.write(|tx| {
                // Waits for the page in hand; every other page waits for us.
                tx.enter(&[self.source])?;
                let job = tx.job(self.source, &self.job)?.unwrap();
                assert_eq!(
                    job.status.last_execution, None,
                    "the cycle ended before it could be disturbed: more people are needed"
                );
                if let Some(cycle) = job.running
                    && cycle.phase == CyclePhase::Source
                    && ready(&cycle)
                    && let Some(strike) = strike.take()
                {
                    let struck = strike(&cycle);
                    found = Some((cycle, struck));
                }
                Ok(())
            });
            // What was done may have hit our connection, too.
            assert!(found.is_some() || held.is_ok(), "{held:?}");
            found.is_some()
        });
        found.unwrap()
    }

    /// Which server leads the cycle: it says so, and its log how it came to do so, and the other one says
    /// that it does not. A helper may have written a page before that, and a server whose lease has ended
    /// learns it with its next page.
    fn leader(&self, servers: &[Server; 2]) -> Option<usize> {
        let at = match servers.each_ref().map(|it| self.leads(it)) {
            [Some(true), Some(false)] => 0,
            [Some(false), Some(true)] => 1,
            _ => return None,
        };
        let log = servers[at].log();
        let told = ["cycle began", "cycle taken over"];
        told.iter().any(|it| log.contains(it)).then_some(at)
    }

    /// Whether a server says that it leads a cycle; `None` when it does not say.
    pub fn leads(&self, server: &Server) -> Option<bool> {
        Some(self.figure(server, "syncline_cycles_running")? != 0)
    }

    /// How many first cycles ended so at a server; `None` when it does not say.
    pub fn first_cycles(&self, server: &Server, state: &str) -> Option<u64> {
        let figure = "syncline_cycles_ended_total";
        self.figure(
            server,
            &format!("{figure}{{kind=\"initial\",state=\"{state}\"}}"),
        )
    }

    fn figure(&self, server: &Server, name: &str) -> Option<u64> {
        let text = self.runtime.block_on(async {
            let request = server.client().get(format!("{}/metrics", server.origin));
            let answer = request.timeout(Duration::from_secs(60)).send().await.ok()?;
            answer.text().await.ok()
        })?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().parse().ok()
    }

    /// Cuts all connections of both servers, each of which has one.
    pub fn cut_connections(&self) {
        // One that lost all makes others when it looks for what is due.
        self.wait_until("both servers have a connection", || {
            let has_one = |it: &String| syncline_testkit::connections(it) > 0;
            self.names.iter().all(has_one)
        });
        for name in &self.names {
            syncline_testkit::cut_connections(name);
        }
    }

    /// Waits until the first cycle has ended.
    pub fn ended(&self) -> Execution {
        let mut ended = None;
        self.wait_until("the cycle ends", || {
            ended = self.job().status.last_execution;
            ended.is_some()
        });
        ended.unwrap()
    }

    pub fn job(&self) -> Job {
        let found = self
            .store
            .read(|reader| reader.job(self.source, &self.job))
            .unwrap();
        found.unwrap()
    }

    pub fn traces(&self) -> Traces {
        let job = self.job();
        self.store
            .read(|reader| {
                Ok::<_, StoreError>(Traces {
                    sequences: [reader.sequence(self.source)?, reader.sequence(self.target)?],
                    links: reader.links(self.source, &self.job, None, usize::MAX >> 1)?,
                    log: reader
                        .log_ascending(self.source, &LogFilter::default(), None, 1_000_000)?
                        .looked_at,
                    job,
                })
            })
            .unwrap()
    }

    /// Everybody once in the target, linked once, created once in the log, with the manager; a
    /// cycle after writes nothing; the doctor is content.
    pub fn all_is_done_once(&self, server: &Server) {
        let job = self.job();
        let execution = job.status.last_execution.unwrap();
        assert_eq!(execution.imported, PEOPLE as u64, "everybody read once");
        assert_eq!(execution.counts.created, PEOPLE as u64);
        assert_eq!((job.running, job.references_waiting), (None, 0));
        let people = self.live_users(self.source);
        let links = self.traces().links;
        let targets: BTreeMap<ObjectId, ObjectId> =
            links.iter().map(|it| (it.source, it.target)).collect();
        assert_eq!(links.len(), PEOPLE);
        assert_eq!(targets.keys().copied().collect::<BTreeSet<_>>(), people);
        let linked: BTreeSet<ObjectId> = targets.values().copied().collect();
        assert_eq!(linked.len(), PEOPLE);
        assert_eq!(linked, self.live_users(self.target));
        let created = self.created_in_log();
        assert_eq!(created.len(), PEOPLE);
        assert_eq!(created.into_iter().collect::<BTreeSet<_>>(), people);
        self.managers_are_mapped(&targets);
        self.is_healthy(server);
        self.next_cycle_writes_nothing(server);
    }

    fn live_users(&self, tenant: TenantId) -> BTreeSet<ObjectId> {
        let all = self
            .store
            .read(|reader| {
                reader.scan(tenant, EntityKind::User, ObjectState::Live, None, 1_000_000)
            })
            .unwrap();
        all.rows.into_iter().map(|it| it.entry.id).collect()
    }

    fn created_in_log(&self) -> Vec<ObjectId> {
        let page = self
            .store
            .read(|reader| {
                reader.log_ascending(self.source, &LogFilter::default(), None, 1_000_000)
            })
            .unwrap();
        page.rows
            .iter()
            .map(|row| Evidence::decode(&row.evidence).unwrap())
            .filter(|evidence| evidence.outcome == EvidenceOutcome::Created)
            .map(|evidence| evidence.source)
            .collect()
    }

    fn managers_are_mapped(&self, targets: &BTreeMap<ObjectId, ObjectId>) {
        let managers = |tenant, people: Vec<ObjectId>| {
            self.store
                .read(|reader| reader.single_edges(tenant, EdgeKind::Manager, &people))
                .unwrap()
        };
        let wanted: Vec<Option<ObjectId>> =
            managers(self.source, targets.keys().copied().collect())
                .into_iter()
                .map(|manager| manager.map(|it| targets[&it]))
                .collect();
        assert_eq!(wanted.iter().flatten().count(), PEOPLE - 1);
        let found = managers(self.target, targets.values().copied().collect());
        assert!(found == wanted, "a manager is missing or wrong");
    }

    fn next_cycle_writes_nothing(&self, server: &Server) {
        // Whoever asks earlier joins the cycle whose end is in the database, and not yet told here.
        self.wait_until("the server is done with the cycle", || {
            self.leads(server) == Some(false)
        });
        let before = self.traces();
        let report = self
            .home(server)
            .json(&["jobs", "run", "--job", self.job.as_str(), "--wait"]);
        assert_eq!(report["state"], "Succeeded", "{report}");
        let counts = report["counts"].as_object().unwrap();
        assert!(counts.values().all(|count| *count == 0), "{report}");
        let after = self.traces();
        assert_eq!(
            (after.sequences, after.links, after.log),
            (before.sequences, before.links, before.log)
        );
    }

    /// The doctor finds nothing, asked through this server.
    pub fn is_healthy(&self, server: &Server) {
        let said = self.home(server).json(&["doctor"]);
        assert_eq!(said["healthy"], true, "{said}");
    }

    fn home(&self, server: &Server) -> &Syncline {
        &self.homes[self.number(server)]
    }

    /// Which of the two it is.
    pub fn number(&self, server: &Server) -> usize {
        let here = |home: &Syncline| server.ca().starts_with(home.data());
        self.homes.iter().position(here).unwrap()
    }

    /// Waits for a condition.
    pub fn wait_until(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let (_never, silence) = mpsc::channel::<()>();
        for _ in 0..MOST_LOOKS {
            if condition() {
                return;
            }
            let _ = silence.recv_timeout(LOOK_EVERY);
        }
        panic!("waited in vain: {what}; the job: {:#?}", self.job());
    }
}

/// What names the database that both servers share.
fn shared(home: &Syncline) -> PathBuf {
    home.data().join("shared")
}

/// What becomes of cycles, and what goes wrong.
const LOG: &str = "warn,syncline::cycle=info,syncline::server::scheduler=info";

fn serve(home: &Syncline, url: &str, options: &[&str]) -> Server {
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .args(options)
        .env("SYNCLINE_DATABASE", url)
        .env("SYNCLINE_LOG", LOG);
    home.spawn(command)
}

/// The first half reports to somebody who comes last, so that the reference must wait.
fn people() -> String {
    let mut text = "userPrincipalName,displayName,department,manager\n".to_owned();
    let name = |number: usize| format!("p{number}@contoso.example");
    for number in 0..PEOPLE {
        let manager = match number {
            last if last == PEOPLE - 1 => String::new(),
            early if early < PEOPLE / 2 => name(PEOPLE - 1),
            _ => name(0),
        };
        text.push_str(&format!(
            "{},Person {number},Sales,{manager}\n",
            name(number)
        ));
    }
    text
}
