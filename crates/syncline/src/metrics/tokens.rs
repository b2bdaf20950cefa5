//! Requests at the token endpoints.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use syncline_identity::TokenRequested;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    grant: &'static str,
    result: &'static str,
}

/// Figures about tokens.
#[derive(Clone)]
pub struct Tokens(Family<Labels, Counter>);

impl Tokens {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self(Family::default());
        registry.register(
            "token_requests",
            "Requests at the token endpoints, by `grant` and `result` (`issued`, or the OAuth error)",
            figures.0.clone(),
        );
        figures
    }

    pub fn count(&self, request: &TokenRequested) {
        self.0
            .get_or_create(&Labels {
                grant: request.grant,
                result: request.error.unwrap_or("issued"),
            })
            .inc();
    }
}
