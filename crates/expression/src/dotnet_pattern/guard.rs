//! What somebody else's code makes of a pattern or a text that nobody has tried before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread tries something now whose panic is caught.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// What `tried` yields; `None` when it panics. The engine that goes back is known to have done that, on patterns that it
/// takes: a cycle would end there and begin again without end, because of one object.
///
/// Such a panic is not reported by itself: its message quotes the text, which is somebody's value, and would go to
/// standard error, whatever was said about the log. Whoever asked is told that the engine fails.
pub(super) fn guarded<T>(tried: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    let was = QUIET.replace(true);
    // What it leaves behind is told of as failed, and not looked at any more; the engines' own memory is made anew.
    let done = catch_unwind(AssertUnwindSafe(tried)).ok();
    QUIET.set(was);
    done
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::{env, thread};

    use super::*;

    /// Set in the process whose standard error is looked at.
    const INSIDE: &str = "SYNCLINE_TEST_INSIDE";

    #[test]
    fn a_panic_that_is_caught_quotes_nobody() {
        if env::var_os(INSIDE).is_some() {
            assert_eq!(guarded(|| 7), Some(7));
            assert!(guarded::<()>(|| panic!("of adele@contoso.example")).is_none());
            // All others are reported as before.
            let other = thread::spawn::<_, ()>(|| panic!("of somebody else's thread"));
            assert!(other.join().is_err());
            return;
        }
        let (_, place) = module_path!().split_once("::").unwrap();
        let name = format!("{place}::a_panic_that_is_caught_quotes_nobody");
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (told(&output.stdout), told(&output.stderr));
        assert!(
            output.status.success() && out.contains("1 passed"),
            "{out}{err}"
        );
        assert!(err.contains("of somebody else's thread"), "{err}");
        assert!(!err.contains("adele"), "{err}");
    }
}
