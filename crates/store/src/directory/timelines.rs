//! Standbys that took over.
//!
//! One may be behind its primary: changes that it has not heard of were numbered behind its own last one, and it would
//! give those numbers once more, to others. Whoever holds one of before would pass over these: a delta link, or what a
//! node remembers of a caller. So the first who writes in a tenant on another timeline of the server passes over more
//! numbers than there can have been. By how many more, chance decides: another standby may take over that has not heard
//! of this, either.
//!
//! What was numbered up to there is as it was, and whoever holds such a number goes on from it.

use syncline_model::TenantId;

use crate::driver::{int, text};
use crate::{Reader, Result, StoreError};

/// More changes than a tenant has had that a standby has not heard of.
const NEVER_HEARD_OF: u64 = 1 << 30;
/// Of a server on which no standby has ever taken over. What was written on one that did not tell, or in an older
/// layout, counts as written on it: on any other, a standby may have taken over since.
const FIRST: i64 = 1;
/// So many take-overs are told apart; the numbers between the first of more are refused, too.
const MOST: usize = 8;

/// The numbers of a tenant's changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    pub newest: u64,
    passed_over: Vec<PassedOver>,
}

/// After the first and before the second.
type PassedOver = (u64, u64);

impl Numbers {
    /// Whether this is not the number of any state that the tenant is known to have had: what was changed up to then
    /// may be lost.
    pub fn may_be_lost(&self, number: u64) -> bool {
        let mut passed_over = self.passed_over.iter();
        number > self.newest
            || passed_over.any(|(after, before)| *after < number && number < *before)
    }
}

impl Reader<'_> {
    /// Which numbers a tenant's changes have, as this view sees it.
    pub fn numbers(&self, tenant: TenantId) -> Result<Numbers> {
        let tenant_no = self.tenant_no(tenant)?;
        let found = self.connection.first(
            "SELECT sequence, passed_over FROM tenant WHERE tenant_no = ?1",
            &[int(tenant_no)],
            |row| {
                Ok(Numbers {
                    newest: row.number(0)?,
                    passed_over: read(row.optional_text(1)?.as_deref())?,
                })
            },
        )?;
        found.ok_or(StoreError::UnknownTenant(tenant))
    }

    /// In a tenant that has just been locked, and was written in on the timeline `last` before.
    pub(crate) fn follow_timeline(&self, tenant_no: i64, last: Option<i64>) -> Result<()> {
        let now = self.connection.timeline();
        let Some(now) = now.filter(|now| is_another(*now, last)) else {
            return Ok(());
        };
        let (newest, chance, passed_over) = self
            .connection
            .first(
                "SELECT sequence, CAST(FLOOR(RANDOM() * 281474976710656) AS BIGINT), passed_over FROM tenant WHERE tenant_no = ?1",
                &[int(tenant_no)],
                |row| {
                    let (newest, chance): (u64, u64) = (row.number(0)?, row.number(1)?);
                    Ok((newest, chance, read(row.optional_text(2)?.as_deref())))
                },
            )?
            .ok_or(StoreError::Damaged("tenant"))?;
        let last = newest.saturating_add(NEVER_HEARD_OF + chance);
        // Where it is not known any more what was passed over, everybody begins anew.
        let passed_over = passed_over.unwrap_or_else(|_| vec![(0, newest)]);
        let passed_over = with(passed_over, (newest, last));
        let passed_over =
            serde_json::to_string(&passed_over).map_err(|_| StoreError::NotEncoded("tenant"))?;
        self.connection.execute(
            "UPDATE tenant SET timeline = ?1, sequence = ?2, passed_over = ?3 WHERE tenant_no = ?4",
            &[int(now), int(last), text(&passed_over), int(tenant_no)],
        )?;
        Ok(())
    }
}

fn is_another(now: i64, last: Option<i64>) -> bool {
    now != last.unwrap_or(FIRST)
}

fn read(passed_over: Option<&str>) -> Result<Vec<PassedOver>> {
    let read = passed_over.map_or(Ok(Vec::new()), serde_json::from_str);
    read.map_err(|_| StoreError::Damaged("tenant"))
}

/// In order, with one more behind them.
fn with(mut passed_over: Vec<PassedOver>, last: PassedOver) -> Vec<PassedOver> {
    passed_over.push(last);
    while passed_over.len() > MOST {
        let (after, _) = passed_over.remove(0);
        if let Some(first) = passed_over.first_mut() {
            first.0 = after;
        }
    }
    passed_over
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_on_no_known_timeline_counts_as_written_on_the_first() {
        for (now, last, another) in [
            (1, None, false),
            (2, None, true),
            (1, Some(1), false),
            (2, Some(2), false),
            (2, Some(1), true),
            // Of another server, to which the database was moved.
            (1, Some(2), true),
        ] {
            assert_eq!(is_another(now, last), another, "{now} behind {last:?}");
        }
    }
}
