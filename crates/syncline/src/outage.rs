//! What fails again and again for a while is said once, now and then again, and once when it is over.

use std::time::Duration;

use parking_lot::Mutex;

/// One thing that may fail for a while. Times are counted from any moment that stays the same.
#[derive(Debug)]
pub struct Outage {
    again_after: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When its failure was said last.
    said: Option<Duration>,
    /// Whether it was said since it worked last.
    told: bool,
}

impl Outage {
    /// Failures are said no more often than this.
    pub const fn new(again_after: Duration) -> Self {
        Self {
            again_after,
            state: Mutex::new(State {
                said: None,
                told: false,
            }),
        }
    }

    /// It failed now: whether to say so.
    pub fn fails(&self, now: Duration) -> bool {
        let mut state = self.state.lock();
        let due = state
            .said
            .is_none_or(|said| now.saturating_sub(said) >= self.again_after);
        if due {
            state.said = Some(now);
            state.told = true;
        }
        due
    }

    /// It works: whether to say so, for somebody was told that it does not.
    pub fn works(&self) -> bool {
        std::mem::take(&mut self.state.lock().told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_said_once_now_and_then_again_and_when_it_is_over() {
        let outage = Outage::new(Duration::from_secs(30));
        let at = Duration::from_millis;
        assert!(!outage.works());
        let said: Vec<bool> = (0..62).map(|half| outage.fails(at(500 * half))).collect();
        let times: Vec<usize> = (0..62).filter(|half| said[*half]).collect();
        assert_eq!(times, [0, 60]);
        assert!(outage.works());
        assert!(!outage.works());
        // What fails and works in turns is not said each time.
        assert!(!outage.fails(at(32_000)));
        assert!(!outage.works());
        assert!(outage.fails(at(60_000)));
    }
}
