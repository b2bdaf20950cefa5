//! Takes the data directory, the port and all else that only one server can have.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_model::Clock as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::public_url::{checked_url, is_near};
use super::{
    Figures, Limits, Options, Server, Stop, Tls, control, descriptors, graph_permissions, presence,
    starting,
};
use crate::app::{App, Scheduler, Settings};
use crate::data_dir::{DataDir, Lock, Made};
use crate::failure::Failure;
use crate::nodes;
use crate::output;
use crate::seam::SystemClock;
use crate::tls::{Generated, InUse, Origin, Pair};

/// What came of a start.
#[derive(Debug)]
pub enum Bound {
    Server(Box<Server>),
    /// A stop was asked for before the database was open. Let go of the lock when the process ends: what opens it may
    /// be writing.
    Stopped(Lock),
}

impl Server {
    /// A server that does not answer yet.
    pub async fn bind(data: &DataDir, options: &Options, stop: Stop) -> Result<Bound, Failure> {
        let asked_url = options.public_url.as_deref().map(checked_url).transpose()?;
        let own = own_certificate(&options.tls)?;
        let listening = listen(options.listen).await;
        // What can not work leaves no directory behind. Where there is one, whoever holds it is the
        // better answer, for the address is his, too.
        if let Err(failure) = &listening
            && !data.path().exists()
        {
            return Err(failure.clone());
        }
        let help = "stop it first, or choose another directory with --data";
        let mut lock = data.lock_alone(&mut Made::default(), help)?;
        let listener = listening?;
        // Before anything is made there.
        if options.anew {
            data.refuse_taken()?;
        }
        data.refuse_lost_data()?;
        close_master_key(data);
        let (shown, ca) = shown(data, &options.tls, own)?;
        let certificate = shown.map(Arc::new);
        let tls = certificate.as_ref().map(InUse::server_config);
        let address = listener.local_addr().map_err(|error| {
            Failure::new(format!("cannot tell the address listened on: {error}"))
        })?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (public_url, origin) = addresses(asked_url, scheme, address);
        let metrics = match options.metrics_listen {
            Some(address) => Figures::At(bind_metrics(address).await?),
            None if is_near(&public_url) => Figures::Here,
            None => Figures::Nowhere,
        };
        let mut limits = Limits::new(options.connections_per_address);
        limits.most = descriptors::enough_for(limits.most);
        let mut doors = vec![(&listener, tls.clone())];
        if let Figures::At(listener) = &metrics {
            doors.push((listener, None));
        }
        let settings = Settings {
            public_url: public_url.clone(),
            strict_graph: options.strict_graph,
            graph_throttling: options.graph_throttling,
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
        };
        let there = data.clone();
        let open = move || open(there, settings, certificate);
        let patience = starting::PATIENCE_MS;
        let opened = starting::answering_meanwhile(&doors, limits, patience, stop, open).await?;
        let Some((app, node)) = opened else {
            return Ok(Bound::Stopped(lock));
        };
        lock.has_opened(&data.database())
            .map_err(|error| Failure::new(format!("cannot write the lock file: {error}")))?;
        tracing::info!(database = %data.database(), "the database is open");
        let control = control::bind(&data.control_socket())?;
        lock.write(&public_url, &data.database(), "serve")
            .map_err(|error| Failure::new(format!("cannot write the lock file: {error}")))?;
        Ok(Bound::Server(Box::new(Self {
            app,
            node,
            public_url,
            origin,
            ca,
            address,
            listener,
            tls,
            look_again: Arc::default(),
            control,
            scheduler: options.scheduler,
            metrics,
            limits,
            shutdown_delay: options.shutdown_delay,
            wake: Arc::new(Notify::new()),
            lock,
        })))
    }
}

/// The certificate that was named, if one was. Looked at before anything is made.
fn own_certificate(tls: &Tls) -> Result<Option<InUse>, Failure> {
    match tls {
        Tls::Files { certificate, key } => {
            let files = Pair {
                certificate: certificate.clone(),
                key: key.clone(),
            };
            InUse::load(files, Origin::Named).map(Some)
        }
        Tls::Generated | Tls::Off => Ok(None),
    }
}

/// The certificate that is shown, and the file of the authority that clients are to trust for it.
fn shown(
    data: &DataDir,
    tls: &Tls,
    own: Option<InUse>,
) -> Result<(Option<InUse>, Option<PathBuf>), Failure> {
    match tls {
        Tls::Off | Tls::Files { .. } => Ok((own, None)),
        Tls::Generated => {
            let files = Generated::load_or_create(&data.tls(), SystemClock.now())?;
            close_key(data, &files);
            let shown = InUse::load(files.pair, Origin::Generated)?;
            Ok((Some(shown), Some(files.ca)))
        }
    }
}

/// Where clients reach the server, and where this machine does.
fn addresses(asked: Option<String>, scheme: &str, address: SocketAddr) -> (String, String) {
    let there = format!("{scheme}://{address}");
    if let Some(url) = asked {
        return (url, there);
    }
    let local = format!("{scheme}://localhost:{}", address.port());
    // The name in the certificate, unless others than this machine are listened to.
    let origin = if address.ip().is_loopback() {
        local.clone()
    } else {
        there
    };
    (local, origin)
}

/// The private key may have come from a backup that kept no modes. One that somebody has put there himself is his to close.
fn close_key(data: &DataDir, files: &Generated) {
    if !files.look().is_ok_and(|it| it.ours) {
        return;
    }
    let mend = format!(
        "remove {} and restart the server: all are made anew, and clients must trust the new CA",
        data.tls().display()
    );
    close(data, &files.pair.key, "private key", &mend);
}

/// The same of the key that protects what is stored.
fn close_master_key(data: &DataDir) {
    let file = data.key_file();
    if file.exists() {
        close(data, &file, "key", "replace it: `syncline keys replace`");
    }
}

/// `mend`: what to do where somebody may have read it.
fn close(data: &DataDir, file: &Path, what: &str, mend: &str) {
    let shown = file.display();
    match data.close_to_others(file) {
        Ok(false) => {}
        Ok(true) => output::warning(&format!(
            "others could read the {what} {shown}, and can no more. If somebody did, {mend}"
        )),
        Err(error) => output::warning(&format!(
            "it cannot be seen to that nobody else reads the {what} {shown}: {error}"
        )),
    }
}

/// Everything that may take long, with the name of this server among others.
fn open(
    data: DataDir,
    settings: Settings,
    certificate: Option<Arc<InUse>>,
) -> Result<(App, String), Failure> {
    let mut app = App::open(data, settings)?;
    app.certificate = certificate;
    // An id of its own at each start: a server that was killed is another one.
    let node = nodes::key(app.node);
    presence::say_once(&app, &node)?;
    graph_permissions::bring_up_to_date(&app)?;
    Ok((app, node))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("cannot listen on {address}: {error}"))
            .with_help("choose another address with --listen; port 0 takes a free one")
    })
}

async fn bind_metrics(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("cannot listen on {address} for metrics: {error}"))
            .with_help("choose another address with --metrics-listen; port 0 takes a free one")
    })
}
