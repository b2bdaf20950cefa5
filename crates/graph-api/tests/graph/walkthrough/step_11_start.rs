//! Step 11: the job is started.

use super::walk::Walk;

pub fn run(walk: &Walk<'_>) {
    let url = walk.job("/start");
    // No body and no content type, as the clients send it.
    walk.line("11.1")
        .no_content(&walk.source.send("POST", &url, Vec::new()));
    walk.line("11.2")
        .no_content(&walk.source.send("POST", &url, Vec::new()));
}
