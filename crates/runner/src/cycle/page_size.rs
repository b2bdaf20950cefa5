//! How large a page should be.

/// The transaction of a page should take about this long, so that writers of the API wait little.
/// Shorter pages would cost more each: what a page dirties it dirties once, however much it writes
/// there. A page of a first cycle may bring as many forward as it reads.
pub(super) const PAGE_BUDGET_MS: usize = 150;

/// So many pages are written in one transaction at most.
pub(crate) const IN_ONE: usize = 2;

/// So many pages wait to be written, besides those that are.
pub(super) const WAITING: usize = 1;

/// So many may not be committed yet when one is decided.
pub(super) const UNCOMMITTED: usize = WAITING + IN_ONE;

impl crate::PageSizes {
    /// The size of the page after one that took so long: as large as takes the budget at that rate, and
    /// no more than double or half.
    pub(super) fn next(self, size: usize, took_ms: u64) -> usize {
        let took_ms = usize::try_from(took_ms).unwrap_or(usize::MAX).max(1);
        (size.saturating_mul(PAGE_BUDGET_MS) / took_ms)
            .clamp(size / 2, size * 2)
            .clamp(self.smallest, self.largest)
    }

    /// Half of it, if a page may be so small.
    pub(crate) fn fewer(self, size: usize) -> usize {
        (size / 2).max(self.smallest).min(size)
    }
}

#[cfg(test)]
mod tests {
    use crate::PageSizes;

    /// The size of a page is chosen while three before it are still to be written.
    #[test]
    fn pages_become_as_large_as_takes_the_budget_and_stay_so() {
        let sizes = PageSizes::default();
        for people_per_second in [500, 2_000, 7_500, 10_000, 16_000, 40_000] {
            let took = |size: usize| (size * 1_000 / people_per_second) as u64;
            let mut pages = vec![sizes.first; 4];
            for at in 0..80 {
                pages.push(sizes.next(pages[at], took(pages[at])));
            }
            let best = people_per_second * super::PAGE_BUDGET_MS / 1_000;
            let best = best.clamp(sizes.smallest, sizes.largest);
            for size in &pages[60..] {
                assert!(size.abs_diff(best) <= best / 50, "{size} of {best}");
            }
        }
    }
}
