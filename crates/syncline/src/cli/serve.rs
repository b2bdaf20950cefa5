//! `syncline serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::BoolishValueParser;
use syncline_access::PasswordLimits;

use super::observability::Observability;
use crate::app::Retention;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::server::{self, Limits, Options, Tls};

/// Serves Microsoft Graph and sign-in over HTTPS, and runs the jobs that are due
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline serve
  syncline serve --listen 0.0.0.0:443 --public-url https://graph.contoso.example \\
    --tls-cert server.pem --tls-key server.key
  syncline serve --config /etc/syncline/syncline.yaml
  syncline serve --metrics-listen 127.0.0.1:9464 --otlp-endpoint http://localhost:4318 --log-format json
Ready when it prints `listening on …` to stdout; the CA certificate and the environment variables
that clients read are printed to stderr.")]
pub struct Serve {
    /// Address and port; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR",
        env = "SYNCLINE_LISTEN",
        default_value = "127.0.0.1:8443"
    )]
    listen: SocketAddr,
    /// Scheme, host and port under which clients reach the server [default: https://localhost:PORT]
    #[arg(long, value_name = "URL", env = "SYNCLINE_PUBLIC_URL")]
    public_url: Option<String>,
    /// A certificate made once for localhost, none at all, or your own [default: generated; files
    /// when they are named]
    #[arg(long, value_enum, env = "SYNCLINE_TLS")]
    tls: Option<TlsMode>,
    /// Your certificate chain (PEM), with --tls-key
    #[arg(
        long,
        value_name = "FILE",
        env = "SYNCLINE_TLS_CERT",
        requires = "tls_key",
        required_if_eq("tls", "files")
    )]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM), with --tls-cert
    #[arg(
        long,
        value_name = "FILE",
        env = "SYNCLINE_TLS_KEY",
        requires = "tls_cert",
        required_if_eq("tls", "files")
    )]
    tls_key: Option<PathBuf>,
    /// No cycle begins by itself; `syncline jobs run` still runs one
    #[arg(long, env = "SYNCLINE_NO_SCHEDULER", value_parser = BoolishValueParser::new())]
    no_scheduler: bool,
    /// Days a provisioning log entry is kept, 1 to 3650; fewer days than before hold after an hour [default: as typed last for
    /// this database, else 30]
    #[arg(
        long,
        value_name = "DAYS",
        env = "SYNCLINE_LOG_RETENTION_DAYS",
        value_parser = clap::value_parser!(u32).range(1..=3650)
    )]
    log_retention_days: Option<u32>,
    /// Days a deleted object stays in the recycle bin, 0 to 365; 0 deletes it for good at the next tidying up; fewer days
    /// than before hold after an hour [default: as typed last for this database, else 30]
    #[arg(
        long,
        value_name = "DAYS",
        env = "SYNCLINE_DELETED_RETENTION_DAYS",
        value_parser = clap::value_parser!(u32).range(0..=365)
    )]
    deleted_retention_days: Option<u32>,
    /// Refuse what Graph refuses and Syncline need not: Global Readers reading synchronization, advanced queries without their header
    #[arg(long, env = "SYNCLINE_STRICT_GRAPH", value_parser = BoolishValueParser::new())]
    strict_graph: bool,
    /// Refuse with 429 what is more than Graph lets an application do in a tenant: resource units in 10 seconds, writes in 150
    #[arg(long, env = "SYNCLINE_GRAPH_THROTTLING", value_parser = BoolishValueParser::new())]
    graph_throttling: bool,
    #[command(flatten)]
    pub observability: Observability,
    /// When asked to stop, say so at /readyz and take requests for so long; a second signal ends it
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        env = "SYNCLINE_SHUTDOWN_DELAY",
        help_heading = "Operations"
    )]
    shutdown_delay: u32,
    /// Connections that one address may have open at each node; of all addresses together there are 4096
    // Half of them by default: a reverse proxy in front of many clients has enough, and one stranger
    // can not keep all others out.
    #[arg(
        long,
        value_name = "N",
        default_value_t = Limits::PER_ADDRESS as u32,
        env = "SYNCLINE_MAX_CONNECTIONS_PER_ADDRESS",
        value_parser = clap::value_parser!(u32).range(1..=Limits::CONNECTIONS as i64),
        help_heading = "Operations"
    )]
    max_connections_per_address: u32,
    /// Device codes that one address may ask for within 15 minutes at each node; a tenant has 1000
    #[arg(
        long,
        value_name = "N",
        default_value_t = syncline_identity::Settings::DEVICE_CODES_OF_A_NETWORK,
        env = "SYNCLINE_MAX_DEVICE_CODES_PER_ADDRESS",
        value_parser = clap::value_parser!(u32).range(1..=10_000),
        help_heading = "Operations"
    )]
    max_device_codes_per_address: u32,
    /// Sign-ins that one address may have in progress at each node; of all addresses together 64 wait
    #[arg(
        long,
        value_name = "N",
        default_value_t = PasswordLimits::SIGN_INS_OF_NETWORK as u32,
        env = "SYNCLINE_MAX_SIGN_INS_PER_ADDRESS",
        value_parser = clap::value_parser!(u32).range(1..=1_000),
        help_heading = "Operations"
    )]
    max_sign_ins_per_address: u32,
    /// With --database: a server that is not heard of for this long loses its cycles to the others
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        env = "SYNCLINE_LEASE_SECONDS",
        value_parser = clap::value_parser!(u32).range(1..=3600),
        help_heading = "Operations"
    )]
    lease_seconds: u32,
    /// With --database: how many objects of a first cycle a server takes at once
    // Hidden: nobody needs another number, but tests with few people need parts too.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
        hide = true
    )]
    part_size: u32,
    /// How many characters a mapping expression may have; Entra allows 10000
    #[arg(
        long,
        value_name = "N",
        env = "SYNCLINE_MAX_EXPRESSION_LENGTH",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    max_expression_length: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TlsMode {
    Generated,
    Off,
    Files,
}

impl Serve {
    /// Where the certificate comes from, or what does not go together.
    pub fn tls(&self) -> Result<Tls, &'static str> {
        match (self.tls, &self.tls_cert, &self.tls_key) {
            (None | Some(TlsMode::Files), Some(certificate), Some(key)) => Ok(Tls::Files {
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            // The parser asks for them where it is typed; here a file with settings says it.
            (Some(TlsMode::Files), ..) | (_, Some(_), None) | (_, None, Some(_)) => {
                Err("a certificate of your own is named by both --tls-cert and --tls-key")
            }
            (Some(_), Some(_), _) => Err(
                "--tls-cert and --tls-key name a certificate of your own: leave --tls out, or say --tls files",
            ),
            (Some(TlsMode::Off), ..) => Ok(Tls::Off),
            _ => Ok(Tls::Generated),
        }
    }

    pub fn run(self, tls: Tls, data: &DataDir) -> Result<bool, Failure> {
        server::serve(
            data,
            Options {
                listen: self.listen,
                anew: false,
                public_url: self.public_url,
                tls,
                scheduler: !self.no_scheduler,
                strict_graph: self.strict_graph,
                graph_throttling: self.graph_throttling,
                metrics_listen: self.observability.metrics_listen,
                shutdown_delay: Duration::from_secs(self.shutdown_delay.into()),
                expression_length: self.max_expression_length as usize,
                lease_seconds: self.lease_seconds,
                part_size: self.part_size as usize,
                connections_per_address: self.max_connections_per_address as usize,
                device_codes_per_address: self.max_device_codes_per_address,
                sign_ins_per_address: self.max_sign_ins_per_address as usize,
                retention: Retention {
                    log_days: self.log_retention_days,
                    deleted_days: self.deleted_retention_days,
                },
            },
        )?;
        Ok(true)
    }
}
