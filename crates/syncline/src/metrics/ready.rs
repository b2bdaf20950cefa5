//! What `/readyz` finds out about the store, for those who watch figures alone.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Whether the store answers, has the layout that this binary works with, takes writes, and has room for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub store: bool,
    pub migrations: bool,
    pub writes: bool,
    pub room: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Check {
    check: &'static str,
}

/// The checks, 1 or 0.
pub(super) struct Ready(Family<Check, Gauge>);

impl Ready {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let checks = Family::default();
        registry.register(
            "ready",
            "What `/readyz` checks, by `check` (`store`, `migrations`, `writes`, `disk`): 1 is ok, 0 is not",
            checks.clone(),
        );
        Self(checks)
    }

    pub(super) fn set(&self, stored: Stored) {
        for (check, is_ok) in [
            ("store", stored.store),
            ("migrations", stored.migrations),
            ("writes", stored.writes),
            ("disk", stored.room),
        ] {
            self.0.get_or_create(&Check { check }).set(i64::from(is_ok));
        }
    }
}
