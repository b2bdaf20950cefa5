//! Requests: how many, how long, how large, how many now.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Methods that are counted by name; what strangers make up is `other`.
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// From a look-up in memory to a large page on a busy disk.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// From an empty answer to a page of 999 users and beyond.
const BYTES: [f64; 8] = [
    0.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sized {
    route: String,
}

/// One request that ended.
#[derive(Clone, Debug)]
pub struct Answered {
    /// One of [`METHODS`], or `other`.
    pub method: &'static str,
    /// The template of its route, e.g. `/users/{id}`.
    pub route: String,
    /// `None` when the client went away before there was an answer.
    pub status: Option<u16>,
    pub took: Duration,
}

/// Figures about requests.
#[derive(Clone)]
pub struct Http {
    requests: Family<Request, Counter>,
    items: Family<Request, Counter>,
    durations: Family<Timed, Histogram, fn() -> Histogram>,
    sizes: Family<Sized, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

impl Http {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self {
            requests: Family::default(),
            items: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            sizes: Family::new_with_constructor(|| Histogram::new(BYTES)),
            in_flight: Gauge::default(),
        };
        registry.register(
            "http_requests",
            "Requests answered, by `method`, `route` (a template, never a path) and `status` (`2xx` to `5xx`; `aborted`: the client went away)",
            figures.requests.clone(),
        );
        registry.register(
            "batch_items",
            "Parts of `$batch` requests answered, each as if it had come alone, by `method`, `route` (`(none)`: it took none) and `status`; the batch itself is one request",
            figures.items.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "From the request's head to the answer's head, by `method` and `route`",
            Unit::Seconds,
            figures.durations.clone(),
        );
        registry.register_with_unit(
            "http_response_size",
            "Bodies as sent, compressed where the client allows it, by `route`",
            Unit::Bytes,
            figures.sizes.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests that are not answered yet",
            figures.in_flight.clone(),
        );
        figures
    }

    pub fn begins(&self) {
        self.in_flight.inc();
    }

    pub fn ended(&self, answered: Answered) {
        self.in_flight.dec();
        let status = answered.status.map_or("aborted", class);
        self.durations
            .get_or_create(&Timed {
                method: answered.method,
                route: answered.route.clone(),
            })
            .observe(answered.took.as_secs_f64());
        self.requests
            .get_or_create(&Request {
                method: answered.method,
                route: answered.route,
                status,
            })
            .inc();
    }

    /// A part of a `$batch` was answered; its method is one of [`METHODS`], or `other`.
    pub fn item(&self, method: &'static str, route: &'static str, status: u16) {
        self.items
            .get_or_create(&Request {
                method,
                route: route.to_owned(),
                status: class(status),
            })
            .inc();
    }

    /// The body of an answer was sent.
    pub fn sent(&self, route: String, bytes: u64) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no body is larger than 2^52 bytes"
        )]
        self.sizes
            .get_or_create(&Sized { route })
            .observe(bytes as f64);
    }
}

fn class(status: u16) -> &'static str {
    match status {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}
