//! Flags of the commands that serve: who may look at the server from outside.

use std::net::SocketAddr;

/// What `serve` and `demo` share.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Operations")]
pub struct Observability {
    /// Answer /metrics, /healthz and /readyz over plain HTTP at this address
    ///
    /// Figures name jobs and count what they do, of all tenants, so they are for the operator:
    /// let only the monitoring system reach this address. Without this flag /metrics is answered at
    /// the main address to this machine alone, and nowhere when --public-url names another host,
    /// for then a proxy would make everybody look like this machine. /healthz and /readyz name no
    /// tenant and are answered at the main address, too.
    #[arg(long, value_name = "ADDR", env = "SYNCLINE_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// Send traces to this OpenTelemetry collector (OTLP over HTTP, e.g. http://localhost:4318)
    ///
    /// Spans of requests, cycles and pages go to URL/v1/traces. OTEL_SERVICE_NAME,
    /// OTEL_RESOURCE_ATTRIBUTES, OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER and OTEL_BSP_* are
    /// read, too.
    #[arg(
        long,
        value_name = "URL",
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true
    )]
    pub otlp_endpoint: Option<String>,
}

impl Observability {
    /// An empty variable counts as none.
    pub fn collector(&self) -> Option<&str> {
        self.otlp_endpoint
            .as_deref()
            .filter(|url| !url.trim().is_empty())
    }
}
