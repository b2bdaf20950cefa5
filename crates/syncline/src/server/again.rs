//! Work that a server does again and again beside all else, each time on a thread that may block.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::seam;

use super::stop::Stop;

/// Does it until a stop is asked for; it says after how many milliseconds again. One that panics is told, and
/// done again after `every`: what was wrong once need not be so for as long as the server lives.
pub async fn and_again(
    what: &str,
    every: u64,
    stop: Stop,
    work: impl Fn() -> u64 + Send + Sync + 'static,
) {
    and_when_asked(what, every, &Notify::new(), stop, work).await;
}

/// The same, and at once when somebody asks for it.
pub async fn and_when_asked(
    what: &str,
    every: u64,
    asked: &Notify,
    stop: Stop,
    work: impl Fn() -> u64 + Send + Sync + 'static,
) {
    let work = Arc::new(work);
    while !stop.asked() {
        let work = Arc::clone(&work);
        let done = tokio::task::spawn_blocking(move || work()).await;
        let pause = done.unwrap_or_else(|_| {
            tracing::error!("{what} broke off; it is tried again");
            every
        });
        seam::wait(asked, pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::server::Stopper;

    #[tokio::test]
    async fn work_that_panicked_once_is_done_again() {
        let stopper = Stopper::new();
        let stop = stopper.subscribe();
        let times = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&times);
        let work = move || {
            match counted.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("once"),
                1 => {}
                _ => stopper.ask(),
            }
            0
        };
        and_again("a test", 0, stop, work).await;
        assert_eq!(times.load(Ordering::SeqCst), 3);
    }
}
