//! What `serve` runs: the HTTPS listener with the Graph and identity faces and the status page,
//! the control socket for commands, the scheduler and the sweeper, and beside it what an operator's
//! machines ask.

mod activity;
mod again;
mod aside;
mod bind;
mod body_deadline;
mod certificate;
mod connection;
mod control;
mod descriptors;
mod graph_permissions;
mod listener;
mod observe;
mod operations;
mod options;
mod places;
mod plain;
mod portal;
mod presence;
mod public_url;
mod requests;
mod router;
mod run;
pub mod scheduler;
mod starting;
mod stop;
mod sweeper;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Notify;

use crate::app::App;
use crate::data_dir::{DataDir, Lock};
use crate::failure::Failure;
use crate::output;
pub use bind::Bound;
use certificate::LookAgain;
pub use listener::Limits;
pub use options::{Options, Tls};
pub use stop::{Stop, Stopper};

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
    /// At the files of the certificate.
    look_again: Arc<LookAgain>,
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

/// Serves until SIGINT or SIGTERM. SIGHUP has the files of the certificate looked at again.
pub fn serve(data: &DataDir, options: Options) -> Result<(), Failure> {
    let runtime = runtime()?;
    let result = runtime.block_on(async {
        // From the first moment on: opening a database may take minutes. A SIGHUP would end it, and the first process of
        // a container is not told of a SIGTERM that it does not listen for.
        let look_again = Arc::<LookAgain>::default();
        look_again.on_hangup()?;
        let stopper = Stopper::on_signal()?;
        let stop = stopper.subscribe();
        let mut server = match Server::bind(data, &options, stop.clone()).await? {
            Bound::Server(server) => server,
            Bound::Stopped(lock) => return Ok((lock, Ok(()))),
        };
        server.look_again = look_again;
        // It may have been asked for since the database was open.
        if !stop.asked() {
            server.announce();
        }
        Ok::<_, Failure>(server.run(stop).await)
    });
    // What does not end by itself is left at its last commit, before somebody else may take the data directory.
    runtime.shutdown_timeout(Duration::from_secs(2));
    let (lock, served) = result?;
    lock.keep();
    served
}

/// The threads that everything asynchronous runs on.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start the server's threads: {error}")))
}

impl Server {
    /// What keeps clients from reaching the server under its public URL.
    fn unreachable(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        if !self.address.ip().is_loopback() && public_url::is_near(&self.public_url) {
            troubles.push(format!(
                "{} is not this machine alone, and the public URL is {}: people and programs on other machines cannot sign in. Name the URL that they use with --public-url",
                self.address.ip(),
                self.public_url
            ));
        }
        // What follows is the business of whatever ends TLS in front.
        if self.tls.is_none() {
            return troubles;
        }
        let (listening, asked) = (self.address.port(), public_url::port(&self.public_url));
        if let Some(asked) = asked
            && asked != listening
        {
            troubles.push(format!(
                "clients reach {} at port {asked}, and this server listens on {listening}. Name that port in --public-url or listen on {asked}, unless something in front passes connections on",
                self.public_url
            ));
        }
        if self.ca.is_some() && !public_url::is_near(&self.public_url) {
            troubles.push(format!(
                "the certificate is made for this machine's own names, and clients refuse it at {}. Name a certificate of your own with --tls-cert and --tls-key",
                self.public_url
            ));
        }
        troubles
    }

    /// Lets go of all that it has but the lock: what it has begun may be writing still.
    pub fn give_up(self) -> Lock {
        self.lock
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
        for trouble in self.unreachable() {
            output::warning(&trouble);
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
}
