//! `syncline serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::app::Retention;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::server::{self, Options, Tls};

/// Serves Microsoft Graph and sign-in over HTTPS, and runs the jobs that are due
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline serve
  syncline serve --listen 0.0.0.0:443 --public-url https://graph.contoso.example \\
    --tls files --tls-cert server.pem --tls-key server.key
Ready when it prints `listening on …` to stdout; the CA certificate and the environment variables
that clients read are printed to stderr.")]
pub struct Serve {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Scheme, host and port under which clients reach the server [default: https://localhost:PORT]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// A certificate made once for localhost, none at all, or your own
    #[arg(long, value_enum, default_value_t = TlsMode::Generated)]
    tls: TlsMode,
    /// Certificate chain (PEM), with --tls files
    #[arg(long, value_name = "FILE", required_if_eq("tls", "files"))]
    tls_cert: Option<PathBuf>,
    /// Private key (PEM), with --tls files
    #[arg(long, value_name = "FILE", required_if_eq("tls", "files"))]
    tls_key: Option<PathBuf>,
    /// No cycle begins by itself; `syncline jobs run` still runs one
    #[arg(long)]
    no_scheduler: bool,
    /// Days a provisioning log entry is kept
    #[arg(
        long,
        value_name = "DAYS",
        env = "SYNCLINE_LOG_RETENTION_DAYS",
        default_value_t = syncline_runner::LOG_DAYS,
        value_parser = clap::value_parser!(u32).range(1..=3650)
    )]
    log_retention_days: u32,
    /// Days a deleted object stays in the recycle bin; 0 deletes it for good within a minute
    #[arg(
        long,
        value_name = "DAYS",
        env = "SYNCLINE_DELETED_RETENTION_DAYS",
        default_value_t = syncline_directory::deleted_items::RETENTION_DAYS,
        value_parser = clap::value_parser!(u32).range(0..=365)
    )]
    deleted_retention_days: u32,
    /// Refuse what real Graph refuses although it is harmless here
    #[arg(long)]
    strict_graph: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TlsMode {
    Generated,
    Off,
    Files,
}

impl Serve {
    pub fn run(self, data: &DataDir) -> Result<bool, Failure> {
        let tls = match (self.tls, self.tls_cert, self.tls_key) {
            (TlsMode::Off, ..) => Tls::Off,
            (TlsMode::Files, Some(certificate), Some(key)) => Tls::Files { certificate, key },
            _ => Tls::Generated,
        };
        server::serve(
            data,
            Options {
                listen: self.listen,
                public_url: self.public_url,
                tls,
                scheduler: !self.no_scheduler,
                strict_graph: self.strict_graph,
                retention: Retention {
                    log_days: self.log_retention_days,
                    deleted_days: self.deleted_retention_days,
                },
            },
        )?;
        Ok(true)
    }
}
