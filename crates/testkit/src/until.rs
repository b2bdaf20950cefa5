//! Waiting for what another thread or task comes to: as long as that takes, but not for ever.

use std::sync::mpsc;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A minute at least: what is waited for takes moments, also where everything else is busy.
const MOST_LOOKS: usize = 30_000;

/// Returns when the condition holds, and fails when it never does.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let (_never, silence) = mpsc::channel::<()>();
    for _ in 0..MOST_LOOKS {
        if condition() {
            return;
        }
        let _ = silence.recv_timeout(LOOK_EVERY);
    }
    panic!("waited in vain: {what}");
}

/// The same in a task, while others of its thread go on.
pub async fn until_in_task(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..MOST_LOOKS {
        if condition() {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("waited in vain: {what}");
}
