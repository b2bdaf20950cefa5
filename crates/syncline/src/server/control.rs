//! The control socket: commands of the same user on the same machine, one per connection. A line
//! of JSON comes in ([`Command`]), lines of JSON go out ([`Message`]), the first of them at once.

use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, mpsc};

use crate::app::App;
use crate::commands::Command;
use crate::cycles::Running;
use crate::failure::Failure;
use crate::progress::{Progress, Step};
use crate::seam;
use crate::session::{LONGEST_COMMAND, Message};

use super::requests::Requests;

/// Makes the socket, for the owner only.
pub fn bind(path: &Path) -> Result<UnixListener, Failure> {
    // Left behind by a server that ended without cleaning up; we hold the lock, so nobody uses it.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::file("remove the old control socket", path, &error));
        }
        _ => {}
    }
    let unusable = |error: std::io::Error| {
        Failure::file("make the control socket", path, &error).with_help(
            "socket paths are limited to about 100 characters; choose a shorter --data directory",
        )
    };
    let listener = UnixListener::bind(path).map_err(unusable)?;
    // The directory is 0700 already; this is for one that was made by somebody else.
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(unusable)?;
    Ok(listener)
}

/// Runs commands until it is dropped.
pub async fn answer(app: Arc<App>, listener: UnixListener, wake: Arc<Notify>, commands: Requests) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (app, wake) = (Arc::clone(&app), Arc::clone(&wake));
                let open = commands.open();
                tokio::spawn(async move {
                    let _open = open;
                    if let Err(error) = one(app, stream).await {
                        tracing::debug!(%error, "a command's connection broke");
                    }
                    // It may have made a job due.
                    wake.notify_one();
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a command could not be accepted");
                seam::rest(50).await;
            }
        }
    }
}

async fn one(app: Arc<App>, stream: UnixStream) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    // Whoever hears nothing takes the server for one that stands still.
    send(&mut writing, &Message::accepted()).await?;
    let mut line = String::new();
    let mut reading = BufReader::new(reading.take(LONGEST_COMMAND));
    reading.read_line(&mut line).await?;
    let mut reading = reading.into_inner().into_inner();
    let command: Command = match serde_json::from_str(&line) {
        Ok(command) => command,
        Err(error) => {
            let failure = Failure::new(format!(
                "the running server does not know this command: {error}"
            ))
            .with_help("is it of another version? Restart it with this binary");
            return send(&mut writing, &Message::Failure(failure)).await;
        }
    };
    let (steps, mut told) = mpsc::channel(16);
    let progress = Told {
        steps,
        cycles: app.cycles.clone(),
    };
    let work = tokio::task::spawn_blocking(move || command.execute(&app, &progress));
    // Who has hung up is told nothing more, and the work learns of it, but is waited for: a stop waits for
    // it, too.
    let telling = async {
        while let Some(step) = told.recv().await {
            send(&mut writing, &Message::Progress(step)).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    let told_all = tokio::select! {
        told_all = telling => told_all,
        () = hung_up(&mut reading) => Ok(()),
    };
    drop(told);
    let message = match work.await {
        Ok(Ok(answer)) => Message::Answer(answer),
        Ok(Err(failure)) => Message::Failure(failure),
        Err(_) => Message::Failure(Failure::new(
            "the command broke off inside the server; look at its messages",
        )),
    };
    told_all?;
    send(&mut writing, &message).await
}

/// Returns when the other side has closed the connection. It says nothing behind its command.
async fn hung_up(reading: &mut OwnedReadHalf) {
    let mut bytes = [0; 64];
    while matches!(reading.read(&mut bytes).await, Ok(1..)) {}
}

async fn send(stream: &mut OwnedWriteHalf, message: &Message) -> std::io::Result<()> {
    let mut line = serde_json::to_string(message)?;
    line.push('\n');
    stream.write_all(line.as_bytes()).await
}

/// Passes progress on; a step more than the reader can take is dropped.
struct Told {
    steps: mpsc::Sender<Step>,
    /// They are stopped when the server is, which waits for the command.
    cycles: Running,
}

impl Progress for Told {
    fn step(&self, step: Step) {
        // Full or closed: the next step tells as much.
        let _ = self.steps.try_send(step);
    }

    fn gone(&self) -> bool {
        self.steps.is_closed() || self.cycles.stopping()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_hangs_up_is_noticed_and_one_that_waits_is_not() {
        let (client, server) = UnixStream::pair().unwrap();
        let (mut reading, _writing) = server.into_split();
        let noticed = hung_up(&mut reading);
        tokio::pin!(noticed);
        tokio::select! {
            biased;
            () = &mut noticed => panic!("it waits"),
            () = std::future::ready(()) => {}
        }
        drop(client);
        noticed.await;
    }

    #[test]
    fn a_command_learns_that_nobody_waits_for_it_any_more() {
        let (steps, told) = mpsc::channel(1);
        let cycles = Running::default();
        let progress = Told { steps, cycles };
        assert!(!progress.gone());
        drop(told);
        assert!(progress.gone());
    }

    #[test]
    fn a_command_learns_that_the_server_stops() {
        let (steps, _told) = mpsc::channel(1);
        let cycles = Running::default();
        let progress = Told {
            steps,
            cycles: cycles.clone(),
        };
        assert!(!progress.gone());
        cycles.stop();
        assert!(progress.gone());
    }
}
