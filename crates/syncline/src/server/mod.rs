//! What `serve` runs: the HTTPS listener with the Graph and identity faces and the status page,
//! the control socket for commands, the scheduler and the sweeper, and beside it what an operator's
//! machines ask.

mod activity;
mod aside;
mod body_deadline;
mod control;
mod listener;
mod observe;
mod operations;
mod places;
mod plain;
mod portal;
mod presence;
mod requests;
mod router;
pub mod scheduler;
mod stop;
mod sweeper;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Notify, watch};

use crate::app::{App, Retention, Scheduler, Settings};
use crate::data_dir::{DataDir, Lock};
use crate::failure::Failure;
use crate::nodes;
use crate::output;
use crate::seam::SystemClock;
use crate::tls;
pub use listener::Limits;
use requests::Requests;
pub use stop::{Stop, Stopper};
use syncline_model::Clock as _;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Options {
    pub listen: SocketAddr,
    /// `None`: localhost with the port that is listened on.
    pub public_url: Option<String>,
    pub tls: Tls,
    pub scheduler: bool,
    pub strict_graph: bool,
    /// Where `/metrics` is answered, over plain HTTP; `None`: at `listen`, to this machine.
    pub metrics_listen: Option<SocketAddr>,
    /// How long requests are still taken after `/readyz` says that the server stops.
    pub shutdown_delay: Duration,
    pub expression_length: usize,
    pub retention: Retention,
    pub lease_seconds: u32,
    pub part_size: usize,
    /// What one client, or a proxy for many, may have open.
    pub connections_per_address: usize,
    /// Device codes that the same may ask for in a quarter of an hour.
    pub device_codes_per_address: u32,
    /// Sign-ins that the same may have in progress.
    pub sign_ins_per_address: usize,
}

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub enum Tls {
    Generated,
    Off,
    Files { certificate: PathBuf, key: PathBuf },
}

/// How long running requests may go on after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);

/// A server that holds the data directory and its port, and does not answer yet.
pub struct Server {
    pub app: App,
    /// Its name among the servers that share a database.
    node: String,
    pub public_url: String,
    /// Scheme, host and port listened on.
    origin: String,
    /// Certificate of the generated CA.
    pub ca: Option<PathBuf>,
    address: SocketAddr,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    control: UnixListener,
    scheduler: bool,
    metrics: Figures,
    limits: Limits,
    shutdown_delay: Duration,
    /// Something may be due.
    wake: Arc<Notify>,
    lock: Lock,
}

/// Where `/metrics` is answered.
enum Figures {
    /// At the main address, to this machine.
    Here,
    /// Nowhere: the main address is behind a proxy, and there is no other.
    Nowhere,
    At(TcpListener),
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// Serves until SIGINT or SIGTERM.
pub fn serve(data: &DataDir, options: Options) -> Result<(), Failure> {
    let runtime = runtime()?;
    let result = runtime.block_on(async {
        let server = Server::bind(data, &options).await?;
        let stop = Stopper::on_signal()?;
        server.announce();
        server.run(stop.subscribe()).await
    });
    // What does not end by itself is left at its last commit.
    runtime.shutdown_timeout(Duration::from_secs(2));
    result
}

/// The threads that everything asynchronous runs on.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("can not start the server's threads: {error}")))
}

impl Server {
    /// Takes the data directory and the port.
    pub async fn bind(data: &DataDir, options: &Options) -> Result<Self, Failure> {
        let asked_url = options.public_url.as_deref().map(checked_url).transpose()?;
        let own_tls = match &options.tls {
            Tls::Files { certificate, key } => Some(tls::server_config(certificate, key)?),
            Tls::Generated | Tls::Off => None,
        };
        let listening = listen(options.listen).await;
        // What can not work leaves no directory behind. Where there is one, whoever holds it is the
        // better answer, for the address is his, too.
        if let Err(failure) = &listening
            && !data.path().exists()
        {
            return Err(failure.clone());
        }
        data.create()?;
        let Some(mut lock) = data.lock()? else {
            let by = data.server_address().map_or_else(
                || "another syncline command".to_owned(),
                |address| format!("the server at {address}"),
            );
            return Err(Failure::new(format!(
                "the data directory {} is in use by {by}",
                data.path().display()
            ))
            .with_help("stop it first, or choose another directory with --data"));
        };
        let listener = listening?;
        let (tls, ca) = match &options.tls {
            Tls::Off | Tls::Files { .. } => (own_tls, None),
            Tls::Generated => {
                let files = tls::Generated::load_or_create(&data.tls(), SystemClock.now())?;
                (Some(files.server_config()?), Some(files.ca.clone()))
            }
        };
        let address = listener.local_addr().map_err(|error| {
            Failure::new(format!("can not tell the address listened on: {error}"))
        })?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (public_url, origin) = match asked_url {
            Some(url) => (url, format!("{scheme}://{address}")),
            None => {
                let local = format!("{scheme}://localhost:{}", address.port());
                // The name in the certificate, unless others than this machine are listened to.
                let origin = if address.ip().is_loopback() {
                    local.clone()
                } else {
                    format!("{scheme}://{address}")
                };
                (local, origin)
            }
        };
        let metrics = match options.metrics_listen {
            Some(address) => Figures::At(bind_metrics(address).await?),
            None if is_near(&public_url) => Figures::Here,
            None => Figures::Nowhere,
        };
        let app = App::open(
            data.clone(),
            Settings {
                public_url: public_url.clone(),
                strict_graph: options.strict_graph,
                expression_length: options.expression_length,
                device_codes_per_address: options.device_codes_per_address,
                sign_ins_per_address: options.sign_ins_per_address,
                retention: options.retention,
                lease_seconds: options.lease_seconds,
                part_size: options.part_size,
                scheduler: if options.scheduler {
                    Scheduler::On
                } else {
                    Scheduler::Off
                },
            },
        )?;
        // An id of its own at each start: a server that was killed is another one.
        let node = nodes::key(app.node);
        presence::say_once(&app, &node)?;
        let control = control::bind(&data.control_socket())?;
        lock.write(&public_url, &data.database(), "serve")
            .map_err(|error| Failure::new(format!("can not write the lock file: {error}")))?;
        Ok(Self {
            app,
            node,
            public_url,
            origin,
            ca,
            address,
            listener,
            tls,
            control,
            scheduler: options.scheduler,
            metrics,
            limits: Limits::new(options.connections_per_address),
            shutdown_delay: options.shutdown_delay,
            wake: Arc::new(Notify::new()),
            lock,
        })
    }

    /// The address listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Wakes the scheduler.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// The ready line on stdout, what clients need to trust us on stderr.
    pub fn announce(&self) {
        if let Some(ca) = &self.ca {
            let ca = ca.canonicalize().unwrap_or_else(|_| ca.clone());
            output::note(&format!(
                "clients trust this server through its CA certificate {}:",
                ca.display()
            ));
            for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
                output::note(&format!("  export {variable}={}", ca.display()));
            }
        }
        if self.tls.is_none() && !self.address.ip().is_loopback() {
            output::warning(&format!(
                "tokens, passwords and secrets go over the network in clear text: {} is not this machine alone, and there is no TLS. Put a proxy that speaks TLS in front, or name --tls-cert and --tls-key",
                self.address.ip()
            ));
        }
        if self.origin != self.public_url {
            output::note(&format!("clients reach it at {}", self.public_url));
        }
        if let Figures::At(listener) = &self.metrics
            && let Ok(address) = listener.local_addr()
        {
            output::note(&format!("metrics at http://{address}/metrics"));
        }
        output::line(&format!("listening on {}", self.origin));
    }

    /// Answers until a stop is asked for: first `/readyz` says so and cycles stop at their page, after
    /// the delay no more connections are taken, and what is in progress ends.
    pub async fn run(self, stop: Stop) -> Result<(), Failure> {
        let Self {
            app,
            node,
            listener,
            tls,
            control,
            scheduler,
            metrics,
            limits,
            shutdown_delay,
            wake,
            mut lock,
            ..
        } = self;
        let app = Arc::new(app);
        let socket = app.data.control_socket();
        let commands = Requests::new();
        let control = tokio::spawn(control::answer(
            Arc::clone(&app),
            control,
            Arc::clone(&wake),
            commands.clone(),
        ));
        let scheduler = scheduler.then(|| {
            tokio::spawn(scheduler::run(
                Arc::clone(&app),
                Arc::clone(&wake),
                stop.clone(),
            ))
        });
        let sweeper = tokio::spawn(sweeper::run(Arc::clone(&app), node.clone(), stop.clone()));
        let presence = tokio::spawn(presence::say(Arc::clone(&app), node.clone(), stop.clone()));

        let close = watch::Sender::new(false);
        let router = router::router(&app, matches!(metrics, Figures::Here));
        let answering = listener::answer(listener, tls, router, limits, close.subscribe(), GRACE);
        let figures = figures(metrics, &app, limits, &close);
        let closing = async {
            stopping(stop, &app, shutdown_delay).await;
            close.send_replace(true);
        };
        tokio::join!(answering, figures, closing);
        let ended = async {
            app.cycles.ended().await;
            commands.ended().await;
        };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("some commands or cycles did not end in time");
        }

        control.abort();
        sweeper.abort();
        presence.abort();
        presence::leave(Arc::clone(&app), node).await;
        if let Some(scheduler) = scheduler {
            scheduler.abort();
        }
        // The next process removes it should this fail.
        let _ = std::fs::remove_file(socket);
        lock.write("", &app.data.database(), "serve, which ends")
            .map_err(|error| Failure::new(format!("can not write the lock file: {error}")))
    }
}

/// Waits for the stop, says that the server is not ready any more, and gives those who watch that
/// the time to look away.
async fn stopping(mut stop: Stop, app: &App, delay: Duration) {
    stop.wait().await;
    app.cycles.stop();
    tokio::select! {
        () = tokio::time::sleep(delay) => {}
        () = stop.wait_urgent() => {}
    }
}

/// The operator's own address, when there is one.
async fn figures(metrics: Figures, app: &Arc<App>, limits: Limits, close: &watch::Sender<bool>) {
    if let Figures::At(listener) = metrics {
        let router = operations::private_router(app);
        listener::answer(listener, None, router, limits, close.subscribe(), GRACE).await;
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("can not listen on {address}: {error}"))
            .with_help("choose another address with --listen; port 0 takes a free one")
    })
}

async fn bind_metrics(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("can not listen on {address} for metrics: {error}"))
            .with_help("choose another address with --metrics-listen; port 0 takes a free one")
    })
}

/// Whether clients reach the server as this very machine: not so behind a proxy.
fn is_near(public_url: &str) -> bool {
    let uri: Option<http::Uri> = public_url.parse().ok();
    uri.as_ref()
        .and_then(http::Uri::host)
        .is_some_and(operations::is_this_machine)
}

/// Scheme and host, nothing behind it.
fn checked_url(url: &str) -> Result<String, Failure> {
    let wrong = || {
        Failure::new(format!("`{url}` is not a public URL")).with_help(
            "give scheme, host and port only, for example https://graph.contoso.example:8443",
        )
    };
    let trimmed = url.trim().trim_end_matches('/');
    let uri: http::Uri = trimmed.parse().map_err(|_| wrong())?;
    let plain = matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.authority().is_some_and(|it| !it.as_str().contains('@'))
        && matches!(uri.path(), "" | "/")
        && uri.query().is_none();
    if plain {
        Ok(trimmed.to_owned())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_name_of_this_machine_is_no_proxy() {
        for near in [
            "https://localhost:8443",
            "http://127.0.0.1:1",
            "https://[::1]:8443",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in ["https://graph.contoso.example", "https://10.0.0.1", ""] {
            assert!(!is_near(far), "{far}");
        }
    }

    #[test]
    fn a_public_url_is_scheme_host_and_port() {
        assert_eq!(
            checked_url("https://a.example:8443/").unwrap(),
            "https://a.example:8443"
        );
        for bad in [
            "a.example",
            "ftp://a.example",
            "https://a.example/graph",
            "https://u@a.example",
            "https://a.example/?x",
        ] {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
    }
}
