//! What `serve` runs: the HTTPS listener with the Graph and identity faces and the status page,
//! the control socket for commands, the scheduler and the sweeper.

mod body_deadline;
mod control;
mod listener;
mod portal;
mod presence;
mod request_log;
mod requests;
mod router;
pub mod scheduler;
mod sweeper;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Notify, watch};

use crate::app::{App, Retention, Settings};
use crate::data_dir::{DataDir, Lock};
use crate::failure::Failure;
use crate::output;
use crate::seam::SystemClock;
use crate::tls;
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
    pub retention: Retention,
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
    /// Something may be due.
    wake: Arc<Notify>,
    lock: Lock,
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
        let stop = stop_on_signal()?;
        server.announce();
        server.run(stop.subscribe()).await
    });
    // A cycle in progress is left at its last page, which is committed, and goes on at the next start.
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

/// Something that becomes true when the process is asked to end, or when the caller says so.
pub fn stop_on_signal() -> Result<watch::Sender<bool>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let unheard =
        |error: std::io::Error| Failure::new(format!("can not listen for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
    let stop = watch::Sender::new(false);
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        told.send_replace(true);
    });
    Ok(stop)
}

impl Server {
    /// Takes the data directory and the port.
    pub async fn bind(data: &DataDir, options: &Options) -> Result<Self, Failure> {
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
        let (tls, ca) = match &options.tls {
            Tls::Off => (None, None),
            Tls::Files { certificate, key } => (Some(tls::server_config(certificate, key)?), None),
            Tls::Generated => {
                let files = tls::Generated::load_or_create(&data.tls(), SystemClock.now())?;
                (Some(files.server_config()?), Some(files.ca.clone()))
            }
        };
        let listener = TcpListener::bind(options.listen).await.map_err(|error| {
            Failure::new(format!("can not listen on {}: {error}", options.listen))
                .with_help("choose another address with --listen; port 0 takes a free one")
        })?;
        let address = listener.local_addr().map_err(|error| {
            Failure::new(format!("can not tell the address listened on: {error}"))
        })?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (public_url, origin) = match &options.public_url {
            Some(url) => (checked_url(url)?, format!("{scheme}://{address}")),
            None => {
                let local = format!("{scheme}://localhost:{}", address.port());
                (local.clone(), local)
            }
        };
        let app = App::open(
            data.clone(),
            Settings {
                public_url: public_url.clone(),
                strict_graph: options.strict_graph,
                retention: options.retention,
            },
        )?;
        // An id of its own at each start: a server that was killed is another one.
        let node = app.ids.random_uuid().simple().to_string();
        presence::say_once(&app, &node)?;
        let control = control::bind(&data.control_socket())?;
        lock.write_address(&public_url, &data.database())
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
        if self.origin != self.public_url {
            output::note(&format!("clients reach it at {}", self.public_url));
        }
        output::line(&format!("listening on {}", self.origin));
    }

    /// Answers until `stop` becomes true.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), Failure> {
        let Self {
            app,
            node,
            listener,
            tls,
            control,
            scheduler,
            wake,
            mut lock,
            ..
        } = self;
        let app = Arc::new(app);
        let socket = app.data.control_socket();
        let control = tokio::spawn(control::answer(
            Arc::clone(&app),
            control,
            Arc::clone(&wake),
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

        listener::answer(listener, tls, router::router(&app), stop, GRACE).await;

        control.abort();
        sweeper.abort();
        presence.abort();
        presence::leave(Arc::clone(&app), node).await;
        if let Some(scheduler) = scheduler {
            scheduler.abort();
        }
        // The next process removes it should this fail.
        let _ = std::fs::remove_file(socket);
        lock.write_address("", &app.data.database())
            .map_err(|error| Failure::new(format!("can not write the lock file: {error}")))
    }
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
