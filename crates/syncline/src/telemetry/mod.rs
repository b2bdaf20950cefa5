//! What the program says about its work while it works: log lines on stderr, and traces to an
//! OpenTelemetry collector when one is named.
//!
//! Neither carries tokens, secrets, passwords, names of people, paths or query strings: spans and
//! events are given ids, route templates and numbers, never a request.

mod otlp;

use std::io;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, FilterExt, Targets};
use tracing_subscriber::layer::{Filter, Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, fmt};

use crate::failure::Failure;
use crate::output;

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// What is said, how, and to whom.
#[derive(Clone, Debug)]
pub struct Settings<'s> {
    /// In the language of `tracing_subscriber`'s `EnvFilter`.
    pub filter: &'s str,
    pub format: LogFormat,
    /// Base URL of an OpenTelemetry collector.
    pub otlp_endpoint: Option<&'s str>,
}

/// Libraries that write down what they carry when they are asked for everything: headers of requests, tokens among
/// them, and the values that a statement stores or looks for, names of people among them.
const TELL_TALES: [&str; 4] = ["h2", "hyper", "hyper_util", "tokio_postgres"];

/// To be ended, so that the last spans arrive.
#[derive(Debug)]
#[must_use]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Begins for the whole process; may be called once.
    pub fn start(settings: &Settings<'_>) -> Result<Self, Failure> {
        let filter = filter(settings.filter)?;
        let lines = fmt::layer().with_writer(io::stderr);
        let lines = match settings.format {
            // The list of spans names the innermost one, too.
            LogFormat::Json => lines
                .json()
                .flatten_event(true)
                .with_current_span(false)
                .boxed(),
            LogFormat::Text => lines.with_ansi(output::watched()).compact().boxed(),
        };
        let provider = settings.otlp_endpoint.map(otlp::provider).transpose()?;
        let traces = provider.as_ref().map(|provider| {
            tracing_opentelemetry::layer::<_>()
                .with_tracer(provider.tracer("syncline"))
                .with_location(false)
                .with_threads(false)
                .with_tracked_inactivity(false)
                // Ours alone: the exporter's own client must not make spans of its own sending.
                .with_filter(Targets::new().with_target("syncline", LevelFilter::INFO))
        });
        Registry::default()
            .with(lines.with_filter(filter))
            .with(traces)
            .init();
        if settings.format == LogFormat::Json {
            output::notes_as_log_lines();
        }
        Ok(Self(provider))
    }

    /// Sends what is left, for a few seconds at most.
    pub fn end(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown_with_timeout(otlp::PATIENCE)
        {
            tracing::warn!(%error, "the last traces did not reach the collector");
        }
    }
}

/// As asked for; but of those libraries nothing beyond `info`, whatever was asked for of a module of
/// theirs: a directive of our own beside the others would give way to a more exact one.
fn filter(text: &str) -> Result<impl Filter<Registry> + use<>, Failure> {
    let filter = EnvFilter::try_new(text).map_err(|error| {
        Failure::new(format!("`{text}` is not a log filter: {error}"))
            .with_help("for example: SYNCLINE_LOG=info")
    })?;
    let bound = Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(TELL_TALES.map(|library| (library, LevelFilter::INFO)));
    Ok(FilterExt::<Registry>::and(filter, bound))
}
