//! Letting those who wait for an answer go first: a cycle keeps two threads busy, and on a machine
//! with two cores a request would wait for the system's next tick, several milliseconds.

/// So many people are decided between two offers to others.
const EVERY: usize = 16;

/// How much less the thread that decides ahead weighs (nice 0 to 19). It holds no lock that others want;
/// the thread that writes does, and keeps its weight.
#[cfg(target_os = "linux")]
const BACK: i32 = 10;

/// Lets another thread run, if one waits; costs nothing otherwise. Called for each person of a page,
/// with its place there.
pub(crate) fn give_way(at: usize) {
    if at.is_multiple_of(EVERY) {
        std::thread::yield_now();
    }
}

/// Lets this thread, for the rest of its life, run where others leave room.
pub(crate) fn step_back() {
    // Only there a thread has a priority of its own. Refused, it runs like the others.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(BACK);
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
            rustix::process::getpriority_process(None).unwrap()
        });
        assert_eq!(stepped.join().unwrap(), (before + BACK).min(19));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), before);
    }
}
