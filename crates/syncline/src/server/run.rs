//! Answers, and does what is due, until a stop is asked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::requests::Requests;
use super::{
    Figures, Limits, Server, Stop, certificate, control, listener, operations, presence, router,
    scheduler, sweeper,
};
use crate::app::App;
use crate::data_dir::Lock;
use crate::failure::Failure;

/// How long running requests may go on after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);

impl Server {
    /// Answers until a stop is asked for: first `/readyz` says so and cycles stop at their page, after
    /// the delay no more connections are taken, and what is in progress ends. The lock comes back, however it went: requests
    /// that were broken off may keep the database open still.
    pub async fn run(self, stop: Stop) -> (Lock, Result<(), Failure>) {
        let Self {
            app,
            node,
            listener,
            tls,
            look_again,
            control,
            scheduler,
            metrics,
            limits,
            shutdown_delay,
            wake,
            mut lock,
            ..
        } = self;
        let app = Arc::new(app);
        let socket = app.data.control_socket();
        let commands = Requests::new();
        let control = tokio::spawn(control::answer(
            Arc::clone(&app),
            control,
            Arc::clone(&wake),
            commands.clone(),
        ));
        let scheduler = scheduler.then(|| {
            tokio::spawn(scheduler::run(
                Arc::clone(&app),
                Arc::clone(&wake),
                stop.clone(),
            ))
        });
        let sweeper = tokio::spawn(sweeper::run(Arc::clone(&app), node.clone(), stop.clone()));
        let gone = presence::Gone::default();
        let presence = presence::say(
            Arc::clone(&app),
            node.clone(),
            stop.clone(),
            Arc::clone(&gone),
        );
        let presence = tokio::spawn(presence);
        let certificate = certificate::look_after(Arc::clone(&app), look_again, stop.clone());
        let certificate = tokio::spawn(certificate);

        let close = watch::Sender::new(false);
        let router = router::router(&app, matches!(metrics, Figures::Here));
        let answering = listener::answer(listener, tls, router, limits, close.subscribe(), GRACE);
        let figures = figures(metrics, &app, limits, &close);
        let closing = async {
            stopping(stop, &app, shutdown_delay).await;
            close.send_replace(true);
        };
        tokio::join!(answering, figures, closing);
        let ended = async {
            app.cycles.ended().await;
            commands.ended().await;
        };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("some commands or cycles did not end in time");
            app.begun.remove_all();
        }

        control.abort();
        sweeper.abort();
        presence.abort();
        certificate.abort();
        presence::leave(Arc::clone(&app), node, gone).await;
        if let Some(scheduler) = scheduler {
            scheduler.abort();
        }
        // The next process removes it should this fail.
        let _ = std::fs::remove_file(socket);
        let told = match lock.write("", &app.data.database(), "serve, which ends") {
            // Nothing depends on it, and the lock is released in a moment.
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Ok(()),
            result => {
                result.map_err(|error| Failure::new(format!("cannot write the lock file: {error}")))
            }
        };
        (lock, told)
    }
}

/// Waits for the stop, says that the server is not ready any more, and gives those who watch that
/// the time to look away.
async fn stopping(mut stop: Stop, app: &App, delay: Duration) {
    stop.wait().await;
    app.cycles.stop();
    tokio::select! {
        () = tokio::time::sleep(delay) => {}
        () = stop.wait_urgent() => {}
    }
}

/// The operator's own address, when there is one.
async fn figures(metrics: Figures, app: &Arc<App>, limits: Limits, close: &watch::Sender<bool>) {
    if let Figures::At(listener) = metrics {
        let router = operations::private_router(app);
        listener::answer(listener, None, router, limits, close.subscribe(), GRACE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bound, Options, Stopper, Tls};
    use crate::app::Retention;
    use crate::data_dir::DataDir;

    use super::*;

    fn options() -> Options {
        Options {
            anew: false,
            listen: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
            public_url: None,
            tls: Tls::Off,
            scheduler: false,
            strict_graph: false,
            graph_throttling: false,
            metrics_listen: None,
            shutdown_delay: Duration::ZERO,
            expression_length: syncline_expression::Limits::DEFAULT.length,
            retention: Retention::default(),
            lease_seconds: syncline_runner::Node::default().lease_seconds,
            part_size: syncline_runner::PageSizes::default().part,
            connections_per_address: Limits::PER_ADDRESS,
            device_codes_per_address: syncline_identity::Settings::DEVICE_CODES_OF_A_NETWORK,
            sign_ins_per_address: syncline_access::PasswordLimits::SIGN_INS_OF_NETWORK,
        }
    }

    /// As a request does that is broken off.
    #[tokio::test]
    async fn nobody_else_takes_the_data_directory_while_something_keeps_the_database_open() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        let stopper = Stopper::new();
        let stop = stopper.subscribe();
        let bound = Server::bind(&data, &options(), stop.clone()).await.unwrap();
        let Bound::Server(server) = bound else {
            panic!("{bound:?}");
        };
        let keeps = server.app.store.clone();
        stopper.ask();
        let (lock, result) = server.run(stop).await;
        result.unwrap();
        assert!(data.lock().unwrap().is_none());
        // Until the process ends: whatever is left of it goes before that.
        drop(keeps);
        lock.keep();
        assert!(data.lock().unwrap().is_none());
    }
}
