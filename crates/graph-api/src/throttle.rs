//! What one tenant may take of the server at a time, so that the others get theirs.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Problem, ProblemKind, TenantId};
use tokio::sync::Notify;
use tokio::time::timeout;

/// So much of something: in the whole process, and of one tenant.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub all: usize,
    pub of_tenant: usize,
}

/// The limits of the Graph face.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests that are worked on, each on a thread that may block, of which there are 512. The
    /// health checks, sign-in and the scheduler need some, too.
    pub requests: Most,
    /// Requests that read more rows than `scan_rows`, at a time.
    pub scans: Most,
    /// More than a page with a filter reads before it is answered half full.
    pub scan_rows: usize,
    /// Bytes of request bodies, from before they are read to the end of the work on them. As JSON in
    /// memory a body can take sixteen times as much.
    pub body_bytes: Most,
    /// Bytes of answers that their callers have not taken off the server yet. While there are more, further
    /// requests are refused before any work is done; those that are worked on are answered. What a tenant has beyond
    /// its share so is not counted among all: it must not lock the others out.
    pub answer_bytes: Most,
    /// Bytes of the answers to a batch's items. Once there are so many, further items that read are told to come by
    /// themselves.
    pub batch_bytes: usize,
    /// How long a request waits for room before it is told to come back.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // As many as one HTTP/2 connection has.
            requests: Most {
                all: 384,
                of_tenant: 128,
            },
            // PostgreSQL has 16 connections of ours: most of them are for what does not take long.
            scans: Most {
                all: 4,
                of_tenant: 2,
            },
            scan_rows: 25_000,
            // Two of the largest for each tenant, and four tenants that do so.
            body_bytes: Most {
                all: 8 * crate::MAX_BODY_BYTES,
                of_tenant: 2 * crate::MAX_BODY_BYTES,
            },
            // A hundred pages of 999 people.
            answer_bytes: Most {
                all: 256 * MIB,
                of_tenant: 96 * MIB,
            },
            batch_bytes: 16 * MIB,
            patience: Duration::from_secs(10),
        }
    }
}

const MIB: usize = 1024 * 1024;

/// What is taken now.
#[derive(Debug)]
pub(crate) struct Throttle {
    pub(crate) requests: Shares,
    pub(crate) scans: Shares,
    pub(crate) scan_rows: usize,
    pub(crate) bodies: Shares,
    pub(crate) answers: Shares,
    pub(crate) batch_bytes: usize,
    pub(crate) patience: Duration,
}

impl Throttle {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            requests: Shares::new(limits.requests),
            scans: Shares::new(limits.scans),
            scan_rows: limits.scan_rows,
            bodies: Shares::new(limits.body_bytes),
            answers: Shares::new(limits.answer_bytes),
            batch_bytes: limits.batch_bytes,
            patience: limits.patience,
        }
    }
}

/// Something that there is so much of.
#[derive(Clone, Debug)]
pub(crate) struct Shares {
    most: Most,
    taken: Arc<Mutex<Taken>>,
    freed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Taken {
    /// The tenants' together, of each no more than its share.
    all: usize,
    of_tenant: HashMap<TenantId, usize>,
}

impl Taken {
    fn of(&self, tenant: TenantId) -> usize {
        self.of_tenant.get(&tenant).copied().unwrap_or(0)
    }

    /// From now on the tenant has so much.
    fn set(&mut self, tenant: TenantId, count: usize, most: Most) {
        let before = self.of(tenant);
        // What was added before is in there: no subtraction is of more.
        self.all = self.all + count.min(most.of_tenant) - before.min(most.of_tenant);
        if count == 0 {
            self.of_tenant.remove(&tenant);
        } else {
            self.of_tenant.insert(tenant, count);
        }
    }
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The tenant has its share already.
    Tenant,
    /// Tenants together have all there is.
    All,
}

impl Full {
    /// 429 or 503, with the time after which to try again.
    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::Tenant => Problem::new(
                ProblemKind::TooManyRequests,
                "TooManyRequests",
                "Too many requests of this tenant are being worked on. Please retry after the time in Retry-After.",
            ),
            Self::All => Problem::new(
                ProblemKind::Unavailable,
                "ServiceUnavailable",
                "The service has as much to do as it can. Please retry after the time in Retry-After.",
            ),
        }
        .with_retry_after(5)
    }

    /// The same, of answers that wait to be taken off the server.
    pub(crate) fn not_taken(self) -> Problem {
        match self {
            Self::Tenant => Problem::new(
                ProblemKind::TooManyRequests,
                "TooManyRequests",
                "This tenant's clients have not read the answers that they asked for. Please read those, and retry after the time in Retry-After.",
            )
            .with_retry_after(5),
            Self::All => self.problem(),
        }
    }
}

impl Shares {
    fn new(most: Most) -> Self {
        Self {
            most,
            taken: Arc::default(),
            freed: Arc::default(),
        }
    }

    /// So much for this tenant, now or not at all.
    pub(crate) fn take(&self, tenant: TenantId, count: usize) -> Result<Share, Full> {
        let mut taken = self.taken.lock();
        let of_tenant = taken.of(tenant);
        if of_tenant + count > self.most.of_tenant {
            return Err(Full::Tenant);
        }
        if taken.all + count > self.most.all {
            return Err(Full::All);
        }
        taken.set(tenant, of_tenant + count, self.most);
        Ok(Share {
            shares: self.clone(),
            tenant,
            count,
        })
    }

    /// Fails while as much is taken as there is.
    pub(crate) fn ask(&self, tenant: TenantId) -> Result<(), Full> {
        self.take(tenant, 1).map(drop)
    }

    /// So much for this tenant, whether there is so much or not: of what is there already.
    pub(crate) fn hold(&self, tenant: TenantId, count: usize) -> Share {
        let mut taken = self.taken.lock();
        let of_tenant = taken.of(tenant);
        taken.set(tenant, of_tenant + count, self.most);
        drop(taken);
        Share {
            shares: self.clone(),
            tenant,
            count,
        }
    }

    /// The same, when there is so much within a time. Small ones do not wait behind a large one.
    pub(crate) async fn wait(
        &self,
        tenant: TenantId,
        count: usize,
        patience: Duration,
    ) -> Result<Share, Full> {
        let mut full = match self.take(tenant, count) {
            Ok(share) => return Ok(share),
            Err(why) => why,
        };
        let taken = async {
            loop {
                // Before it is asked: what is freed in between must not be missed.
                let mut freed = pin!(self.freed.notified());
                freed.as_mut().enable();
                match self.take(tenant, count) {
                    Ok(share) => return share,
                    Err(why) => full = why,
                }
                freed.await;
            }
        };
        timeout(patience, taken).await.map_err(|_| full)
    }
}

/// What a request has taken; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    shares: Shares,
    tenant: TenantId,
    count: usize,
}

impl Share {
    /// Gives back what turned out not to be needed.
    pub(crate) fn shrink(&mut self, count: usize) {
        let unused = self.count.saturating_sub(count);
        self.count -= unused;
        self.give_back(unused);
    }

    fn give_back(&self, count: usize) {
        let mut taken = self.shares.taken.lock();
        let left = taken.of(self.tenant) - count;
        taken.set(self.tenant, left, self.shares.most);
        drop(taken);
        self.shares.freed.notify_waiters();
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back(self.count);
    }
}

/// 429 for a part that reads, when the answers of its batch are large already.
pub(crate) fn too_much() -> Problem {
    Problem::new(
        ProblemKind::TooManyRequests,
        "TooManyRequests",
        "The answers of this batch are too large to be sent together. Please send this request by itself, or with fewer others.",
    )
    .with_retry_after(1)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANN: TenantId = TenantId(Uuid::from_u128(1));
    const BEN: TenantId = TenantId(Uuid::from_u128(2));
    const CAT: TenantId = TenantId(Uuid::from_u128(3));

    fn shares() -> Shares {
        Shares::new(Most {
            all: 10,
            of_tenant: 6,
        })
    }

    #[test]
    fn a_tenant_can_not_take_what_is_left_for_others() {
        let shares = shares();
        let ann = shares.take(ANN, 6).unwrap();
        assert_eq!(shares.take(ANN, 1).unwrap_err(), Full::Tenant);
        let mut ben = shares.take(BEN, 4).unwrap();
        assert_eq!(shares.take(CAT, 1).unwrap_err(), Full::All);
        ben.shrink(3);
        let cat = shares.take(CAT, 1).unwrap();
        drop((ann, ben, cat));
        let taken = shares.taken.lock();
        assert_eq!((taken.all, taken.of_tenant.len()), (0, 0));
    }

    #[test]
    fn what_a_tenant_holds_beyond_its_share_is_not_taken_from_others() {
        let shares = shares();
        let held: Vec<Share> = (0..5).map(|_| shares.hold(ANN, 4)).collect();
        let ben = shares.take(BEN, 4).unwrap();
        assert_eq!(shares.ask(CAT).unwrap_err(), Full::All);
        // Given back from the part that was not counted, and then from the one that was.
        let mut held = held.into_iter();
        drop(held.by_ref().take(3).collect::<Vec<_>>());
        assert_eq!(shares.ask(CAT).unwrap_err(), Full::All);
        drop(held.next());
        assert_eq!(shares.ask(CAT), Ok(()));
        drop((held, ben));
        let taken = shares.taken.lock();
        assert_eq!((taken.all, taken.of_tenant.len()), (0, 0));
    }

    #[tokio::test]
    async fn whoever_waits_gets_what_is_given_back() {
        let shares = shares();
        let ann = shares.take(ANN, 6).unwrap();
        let waiting = tokio::spawn({
            let shares = shares.clone();
            async move { shares.wait(ANN, 2, Duration::from_secs(3600)).await.is_ok() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(ann);
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn whoever_waits_too_long_is_told_whose_fault_it_is() {
        let shares = shares();
        let _ann = shares.take(ANN, 6).unwrap();
        let _ben = shares.take(BEN, 4).unwrap();
        let soon = Duration::ZERO;
        assert_eq!(shares.wait(ANN, 1, soon).await.unwrap_err(), Full::Tenant);
        assert_eq!(shares.wait(CAT, 1, soon).await.unwrap_err(), Full::All);
    }
}
