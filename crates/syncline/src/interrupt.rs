//! Ctrl-C while a command runs a cycle in this process, or writes page by page, here or on a server: it ends at its
//! next page. While one writes a backup or a list: what was begun of it is removed.

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::begun::Begun;
use crate::cycles::Running;
use crate::failure::Failure;
use crate::output;
use crate::progress::{Progress, Step};

/// What a shell reports of a program that SIGINT ended.
pub const EXIT_CODE: u8 = 130;

/// From now on SIGINT and SIGTERM stop the cycles of this process at a page; the second one ends the
/// process where it is, which costs the page in hand and nothing else.
pub fn stops(cycles: &Running) -> Result<(), Failure> {
    let cycles = cycles.clone();
    hear(move || {
        cycles.interrupt();
        output::note("The cycle stops at its next page; Ctrl-C again ends it where it is.");
    })
}

const AT_NEXT_PAGE: &str =
    "It stops at its next page, and says how far it has come; Ctrl-C again ends it where it is.";

/// From now on SIGINT and SIGTERM tell whoever works with this that nobody waits for the rest.
pub fn ends<'p>(progress: &'p dyn Progress) -> Result<Ended<'p>, Failure> {
    let asked = Arc::new(AtomicBool::new(false));
    let ended = Ended {
        progress,
        asked: Arc::clone(&asked),
    };
    hear(move || {
        asked.store(true, Ordering::Relaxed);
        output::note(AT_NEXT_PAGE);
    })?;
    Ok(ended)
}

/// Progress that ends when somebody interrupts the process.
pub struct Ended<'p> {
    progress: &'p dyn Progress,
    asked: Arc<AtomicBool>,
}

impl std::fmt::Debug for Ended<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ended")
    }
}

impl Progress for Ended<'_> {
    fn step(&self, step: Step) {
        self.progress.step(step);
    }

    fn gone(&self) -> bool {
        self.asked.load(Ordering::Relaxed) || self.progress.gone()
    }
}

/// From now on SIGINT and SIGTERM tell the server at the other end the same; what it answers then is still heard.
pub fn hangs_up(stream: &UnixStream) -> Result<(), Failure> {
    let stream = stream.try_clone().map_err(unheard)?;
    hear(move || {
        // If that fails, there is no server any more, and whoever reads from it is told.
        let _ = stream.shutdown(Shutdown::Write);
        output::note(AT_NEXT_PAGE);
    })
}

/// From now on SIGINT and SIGTERM end the process, and nothing is left of what it has begun.
pub fn removes(begun: &Begun) -> Result<(), Failure> {
    let begun = begun.clone();
    hear(move || {
        begun.remove_all();
        std::process::exit(i32::from(EXIT_CODE));
    })
}

/// Does this at the first signal; the second one ends the process.
fn hear(first: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(unheard)?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::interrupt()).map_err(unheard)?,
            signal(SignalKind::terminate()).map_err(unheard)?,
        )
    };
    // It waits until the process ends.
    std::thread::spawn(move || {
        runtime.block_on(async {
            either(&mut interrupt, &mut terminate).await;
            first();
            either(&mut interrupt, &mut terminate).await;
            std::process::exit(i32::from(EXIT_CODE));
        });
    });
    Ok(())
}

fn unheard(error: std::io::Error) -> Failure {
    Failure::new(format!("cannot listen for signals: {error}"))
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
