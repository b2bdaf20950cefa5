//! The certificate that the server shows.

use std::sync::atomic::AtomicI64;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use syncline_model::Timestamp;

pub struct Certificate {
    end: Gauge<i64, AtomicI64>,
}

impl Certificate {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self {
            end: Gauge::default(),
        };
        registry.register_with_unit(
            "tls_certificate_end",
            "When the certificate that this server shows ends, since 1970 (0: it shows none)",
            Unit::Seconds,
            figures.end.clone(),
        );
        figures
    }

    /// `None`: it can not be told.
    pub fn ends(&self, end: Option<Timestamp>) {
        self.end.set(end.map_or(0, Timestamp::seconds));
    }
}
