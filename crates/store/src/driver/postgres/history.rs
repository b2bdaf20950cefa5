//! The history of a server, in which the numbers of its transactions count.
//!
//! A server that crashes gives numbers again, to other transactions, of which nothing had reached its disk; and so
//! does a standby that takes over, of those that it had not heard of. Whoever asks what became of a number has to
//! know that it is still the same history.

/// From the promotion of a standby, or the last crash, to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::driver) struct History {
    /// Which a standby changes when it takes over.
    timeline: i64,
    /// Since when the server has counted what it does: it begins anew after a crash, and goes on after a restart in
    /// good order. [Cumulative statistics](https://www.postgresql.org/docs/15/monitoring-stats.html). If somebody
    /// resets them, that only looks like a crash.
    counted_since: String,
}

impl History {
    /// An engine that can not tell, or a server that takes no writes, refuses to answer. Both in one word.
    pub(in crate::driver) const QUESTION: &str = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) || ' ' || extract(epoch FROM stats_reset) FROM pg_stat_wal";

    pub(in crate::driver) fn read(answer: &str) -> Option<Self> {
        let (timeline, counted_since) = answer.split_once(' ')?;
        Some(Self {
            timeline: i64::from_str_radix(timeline, 16).ok()?,
            counted_since: counted_since.to_owned(),
        })
    }

    pub(in crate::driver) fn timeline(&self) -> i64 {
        self.timeline
    }
}
