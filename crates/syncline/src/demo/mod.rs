//! The demo: two made-up tenants, the twelve steps of the walk-through over HTTPS against the
//! program's own server, two cycles with their reports, one person's log, and then a server to
//! look at.

mod changes;
mod client;
mod names;
mod populate;
mod population;
mod steps;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use syncline_model::{JobId, TenantId};

use crate::app::{App, Retention};
use crate::commands::Action as _;
use crate::commands::logs::Logs;
use crate::commands::tenant_create::{Created, TenantCreate};
use crate::data_dir::{DataDir, Lock};
use crate::failure::Failure;
use crate::progress::{Bar, Cycle, Silent};
use crate::server::{self, Bound, Server, Tls};
use crate::{output, report};
use client::Client;
use population::{Person, Rank};

const SOURCE: &str = "contoso.example";
const TARGET: &str = "fabrikam.example";

/// What the caller chose.
#[derive(Clone, Debug)]
pub struct Options {
    /// End after the walk-through.
    pub exit: bool,
    pub users: u32,
    pub listen: SocketAddr,
    pub metrics_listen: Option<SocketAddr>,
}

/// Runs the demo; without a data directory in a temporary folder that is removed at the end.
pub fn run(data: Option<DataDir>, options: &Options) -> Result<bool, Failure> {
    let temporary;
    let data = match data {
        Some(data) => {
            // Before anything is touched; what comes there meanwhile, the server finds when it has the lock.
            data.refuse_taken()?;
            data
        }
        None => {
            temporary = tempfile::Builder::new()
                .prefix("syncline-demo-")
                .tempdir()
                .map_err(|error| {
                    Failure::new(format!("cannot make a temporary folder: {error}"))
                })?;
            DataDir::new(temporary.path())
        }
    };
    let runtime = server::runtime()?;
    let result = runtime.block_on(tour(&data, options));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    let (lock, shown) = result?;
    lock.keep();
    shown.map(|()| true)
}

/// With the lock, which is to be kept longer than anything that the tour has begun.
async fn tour(data: &DataDir, options: &Options) -> Result<(Lock, Result<(), Failure>), Failure> {
    let stop = server::Stopper::on_signal()?;
    // The demo runs the cycles itself, to show them.
    let server_options = server::Options {
        listen: options.listen,
        anew: true,
        public_url: None,
        tls: Tls::Generated,
        scheduler: false,
        strict_graph: false,
        graph_throttling: false,
        metrics_listen: options.metrics_listen,
        shutdown_delay: std::time::Duration::ZERO,
        expression_length: syncline_expression::Limits::DEFAULT.length,
        retention: Retention::default(),
        lease_seconds: syncline_runner::Node::default().lease_seconds,
        part_size: syncline_runner::PageSizes::default().part,
        connections_per_address: server::Limits::PER_ADDRESS,
        device_codes_per_address: syncline_identity::Settings::DEVICE_CODES_OF_A_NETWORK,
        sign_ins_per_address: syncline_access::PasswordLimits::SIGN_INS_OF_NETWORK,
    };
    let server = match Server::bind(data, &server_options, stop.subscribe()).await? {
        Bound::Server(server) => server,
        Bound::Stopped(lock) => return Ok((lock, Ok(()))),
    };
    let app = Arc::new(server.app.clone());
    let Scene {
        source,
        target,
        people,
        client,
    } = match Scene::set(&app, &server, options).await {
        Ok(scene) => scene,
        Err(failure) => return Ok((server.give_up(), Err(failure))),
    };

    let (origin, ca) = (
        server.public_url.clone(),
        server.ca.clone().unwrap_or_default(),
    );
    let wake = server.wake();
    let serving = tokio::spawn(server.run(stop.subscribe()));
    let walked = walk(&app, &client, &source, &target, &people).await;
    if walked.is_ok() && !options.exit {
        tokio::spawn(server::scheduler::run(app, wake, stop.subscribe()));
        farewell(&origin, &ca, &source, &target);
    } else {
        stop.ask();
    }
    let (lock, served) = serving
        .await
        .map_err(|error| Failure::new(format!("the server broke off: {error}")))?;
    Ok((lock, walked.and(served)))
}

/// What is there before the first step.
struct Scene {
    source: Created,
    target: Created,
    people: Vec<Person>,
    client: Client,
}

impl Scene {
    async fn set(app: &Arc<App>, server: &Server, options: &Options) -> Result<Self, Failure> {
        output::line(&format!(
            "Two tenants, Contoso and Fabrikam, in {}",
            app.data.path().display()
        ));
        let source = create(app, SOURCE, "Contoso")?;
        let target = create(app, TARGET, "Fabrikam")?;
        let people = population::people(options.users as usize, SOURCE);
        populate(app, source.tenant_id, people.clone()).await?;
        let gone = people.iter().filter(|person| !person.enabled).count();
        output::line(&format!(
            "{} people work at Contoso, {gone} more have left",
            people.len() - gone
        ));
        let ca = server.ca.clone().unwrap_or_default();
        let client = Client::new(&server.public_url, &ca, reachable(server.address()))?;
        Ok(Self {
            source,
            target,
            people,
            client,
        })
    }
}

/// Everything between "two tenants are there" and "look for yourself".
async fn walk(
    app: &Arc<App>,
    client: &Client,
    source: &Created,
    target: &Created,
    people: &[Person],
) -> Result<(), Failure> {
    let someone = people
        .iter()
        .find(|it| changes::in_target(it) && it.rank == Rank::Staff && is_marketing(it))
        .ok_or_else(|| Failure::new("nobody works in Marketing; give --users a larger number"))?;

    steps::sign_in_step();
    let contoso = client.sign_in(source).await?;
    let fabrikam = client.sign_in(target).await?;
    steps::policies(&contoso, &fabrikam).await?;
    let made = steps::configuration(&contoso, &fabrikam).await?;
    steps::people(&contoso, &made, &someone.user_principal_name).await?;
    steps::monitor(&contoso, &made).await?;
    output::line("\nThe first cycle");
    cycle(app, source.tenant_id, &made.job).await?;
    steps::log(&contoso, &made).await?;

    changes::make(&contoso, people).await?;
    output::line("\nThe second cycle");
    cycle(app, source.tenant_id, &made.job).await?;

    output::line(&format!(
        "\nThe provisioning log of {} {}",
        someone.given_name, someone.surname
    ));
    let logs = Logs {
        job: Some(made.job),
        user: Some(someone.user_principal_name.clone()),
        top: 3,
        ..Logs::default()
    };
    let rows = logs.execute(app, &Silent)?;
    output::print(
        &rows
            .value
            .iter()
            .map(crate::commands::logs::steps)
            .collect::<String>(),
    )?;
    if rows.value.is_empty() {
        return Err(Failure::new(format!(
            "the log has no entry for {}",
            someone.user_principal_name
        )));
    }
    Ok(())
}

fn is_marketing(person: &Person) -> bool {
    person
        .department
        .is_some_and(|place| names::DEPARTMENTS[place].name == "Marketing")
}

/// One cycle on a thread of its own, with a progress bar; a failed one ends the demo.
async fn cycle(app: &Arc<App>, tenant: TenantId, job: &str) -> Result<(), Failure> {
    let (app, job) = (Arc::clone(app), JobId(job.to_owned()));
    let ended = tokio::task::spawn_blocking(move || {
        let bar = Bar::new();
        let report = app.run_cycle(tenant, &job, &Cycle(&bar));
        bar.finish();
        report
    })
    .await
    .map_err(|error| Failure::new(format!("the cycle broke off: {error}")))??;
    output::print(&report::cycle(&ended))?;
    if let Some((code, message)) = ended.error {
        return Err(Failure::new(format!("the cycle failed: {code}: {message}")));
    }
    Ok(())
}

fn create(app: &App, domain: &str, display_name: &str) -> Result<Created, Failure> {
    let command = TenantCreate {
        domain: domain.to_owned(),
        display_name: display_name.to_owned(),
        id: None,
        admin: Some(format!("admin@{domain}")),
    };
    command.execute(app, &Silent)
}

async fn populate(app: &Arc<App>, tenant: TenantId, people: Vec<Person>) -> Result<(), Failure> {
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || {
        let tenant = app
            .store
            .read(|reader| app.tenant(reader, &tenant.to_string()))?;
        let bar = Bar::new();
        let written = populate::write(&app, &tenant, &people, &bar);
        bar.finish();
        written
    })
    .await
    .map_err(|error| Failure::new(format!("making people up broke off: {error}")))?
}

/// Where a client on this machine finds a server that listens here.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        return SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port());
    }
    address
}

/// What to do next.
fn farewell(origin: &str, ca: &std::path::Path, source: &Created, target: &Created) {
    output::line("\nThe server goes on. Look at it:");
    output::line(&format!(
        "  {origin}/   tenants, jobs, cycles and log, after sign-in"
    ));
    output::line(&format!(
        "  {origin}/metrics   figures for Prometheus, to this machine alone"
    ));
    for tenant in [source, target] {
        if let Some(admin) = &tenant.admin {
            output::line(&format!(
                "  sign in as {}   password {}",
                admin.user_principal_name, admin.password
            ));
        }
    }
    output::line(&format!(
        "Sign-in of people over the API: {origin}/{}/oauth2/v2.0/authorize (code with PKCE), or a device code at {origin}/devicelogin",
        source.tenant_id
    ));
    output::line(&format!(
        "An application of Contoso: client id {}, secret {}",
        source.application.client_id, source.application.client_secret
    ));
    output::line(&format!(
        "Clients trust the server through {}:",
        ca.display()
    ));
    for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        output::line(&format!("  export {variable}={}", ca.display()));
    }
    output::line(&format!("listening on {origin}"));
    output::line("Ctrl-C ends it.");
}
