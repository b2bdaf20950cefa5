//! Ctrl-C while a command runs a cycle in this process: the cycle ends at its next page. While one writes a
//! backup or a list: what was begun of it is removed.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::begun::Begun;
use crate::cycles::Running;
use crate::failure::Failure;
use crate::output;

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
    let unheard =
        |error: std::io::Error| Failure::new(format!("cannot listen for signals: {error}"));
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

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
