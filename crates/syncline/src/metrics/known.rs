//! A figure that is asked for elsewhere, and is not there while nobody answers: an old value would look like one of now.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;

/// A gauge that has a value while it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Arc<Mutex<Option<i64>>>);

impl Known {
    pub(super) fn set(&self, value: i64) {
        *self.0.lock() = Some(value);
    }

    pub(super) fn forget(&self) {
        *self.0.lock() = None;
    }
}

impl EncodeMetric for Known {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        match *self.0.lock() {
            Some(value) => encoder.encode_gauge(&value),
            None => Ok(()),
        }
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }

    fn is_empty(&self) -> bool {
        self.0.lock().is_none()
    }
}
