//! Letting those who wait for an answer go first: a cycle keeps two or three threads busy, and on a machine
//! with two cores a request would wait for the system's next tick, several milliseconds.
//!
//! Only the thread that decides steps back, and the one that works out for it another step: it takes that
//! priority on. The one that writes holds what API writers wait for (it
//! gives way now and then inside of statements: `store/src/driver/sqlite/mod.rs`). The
//! deciding one keeps a state of the database, which the end of a merge of the write-ahead log waits
//! for: so it steps back no further than to a third of others' share. The one that works out keeps one, too, but only as
//! long as a page is decided: whoever decides works out himself what that one has not come to, and waits for no more
//! than the few people in its hand.

use std::cell::Cell;

use syncline_store::Pulse;

/// So many people are decided between two offers to others.
const PEOPLE_BETWEEN: usize = 16;

/// How much is added to the thread's niceness: its share of a core is a third of another thread's.
#[cfg(target_os = "linux")]
const NICE_STEP: i32 = 5;

thread_local! {
    static STEPPED_BACK: Cell<bool> = const { Cell::new(false) };
}

/// Says that this one gets on, and lets another thread run, if one waits and this one has stepped back. Called for each person of a
/// page, with its place there.
pub(crate) fn give_way(at: usize) {
    Pulse::beat();
    if at.is_multiple_of(PEOPLE_BETWEEN) && STEPPED_BACK.get() {
        std::thread::yield_now();
    }
}

/// Lets this thread, for the rest of its life, run where others leave room.
pub(crate) fn step_back() {
    STEPPED_BACK.set(true);
    // Only there a thread has a niceness of its own. Refused, it runs like the others.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICE_STEP);
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn only_the_thread_itself_steps_back() {
        let before = rustix::process::getpriority_process(None).unwrap();
        let stepped = std::thread::spawn(|| {
            step_back();
            (
                rustix::process::getpriority_process(None).unwrap(),
                STEPPED_BACK.get(),
            )
        });
        let stepped = stepped.join().unwrap();
        assert_eq!(stepped, ((before + NICE_STEP).min(19), true));
        let here = rustix::process::getpriority_process(None).unwrap();
        assert_eq!((here, STEPPED_BACK.get()), (before, false));
    }
}
