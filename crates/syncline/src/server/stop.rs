//! How the end of the server is asked for and goes: first it says that it is not ready, then it
//! takes no more connections.

use tokio::sync::watch;

use crate::failure::Failure;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Running,
    /// Load balancers may look away; requests are still answered.
    Asked,
    /// Somebody asked again: no more delay.
    Urgent,
}

/// Asks for the end.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<Stage>);

/// Is told of it.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Stage>);

impl Stopper {
    pub fn new() -> Self {
        Self(watch::Sender::new(Stage::Running))
    }

    /// Asks when the process gets SIGINT or SIGTERM; the second one ends the delay.
    pub fn on_signal() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let unheard =
            |error: std::io::Error| Failure::new(format!("cannot listen for signals: {error}"));
        let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
        let stopper = Self::new();
        let told = stopper.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                tracing::info!("stopping");
                told.ask();
            }
        });
        Ok(stopper)
    }

    pub fn ask(&self) {
        self.0.send_modify(|stage| {
            *stage = match *stage {
                Stage::Running => Stage::Asked,
                Stage::Asked | Stage::Urgent => Stage::Urgent,
            };
        });
    }

    pub fn subscribe(&self) -> Stop {
        Stop(self.0.subscribe())
    }
}

impl Stop {
    pub fn asked(&self) -> bool {
        *self.0.borrow() != Stage::Running
    }

    /// Returns when a stop is asked for.
    pub async fn wait(&mut self) {
        self.reaches(Stage::Asked).await;
    }

    /// Returns when somebody asked twice.
    pub async fn wait_urgent(&mut self) {
        self.reaches(Stage::Urgent).await;
    }

    async fn reaches(&mut self, wanted: Stage) {
        // The sender gone means the same.
        let _ = self.0.wait_for(|stage| *stage >= wanted).await;
    }
}
