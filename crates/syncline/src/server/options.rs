//! What the operator decides.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::app::Retention;

#[derive(Clone, Debug)]
pub struct Options {
    pub listen: SocketAddr,
    /// Only where no installation lives yet.
    pub anew: bool,
    /// `None`: localhost with the port that is listened on.
    pub public_url: Option<String>,
    pub tls: Tls,
    pub scheduler: bool,
    pub strict_graph: bool,
    pub graph_throttling: bool,
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
