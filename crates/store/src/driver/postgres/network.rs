//! The thread that talks to the server, and how a caller waits for it.
//!
//! The store is synchronous, the library is not: one thread of its own moves bytes, whoever sends a
//! statement sleeps until the answer is there. A caller may be on any thread, one of the HTTP edge's
//! included; a runtime that the caller had to enter would forbid that.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config};

use super::hosts::{self, Connected};
use super::liveness::{Asked, Liveness};
use super::settings::{self, Use};
use super::tls;
use crate::{Result, StoreError};

pub(super) struct Network {
    /// Taken away only when this is dropped.
    runtime: Option<Runtime>,
    liveness: Liveness,
}

impl Network {
    pub(super) fn new() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("database")
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
            liveness: Liveness::new(),
        })
    }

    /// A connection, set to what it is used for. The inner failure is the server's. It is lost when the
    /// server is gone while somebody waits as `asked` says.
    pub(super) fn connect(
        &self,
        config: &Config,
        asked: Arc<Asked>,
        used_for: Use,
    ) -> Result<std::result::Result<Client, tokio_postgres::Error>> {
        let ended = || StoreError::Busy("the program is ending".to_owned());
        let tls = tls::connector()?;
        let (config, liveness) = (config.clone(), self.liveness.clone());
        let waits = Arc::clone(&asked);
        let (tell, told) = mpsc::channel();
        self.runtime.as_ref().ok_or_else(ended)?.spawn(async move {
            match hosts::connect(&config, &tls).await {
                Ok(Ok(Connected {
                    client,
                    connection,
                    host,
                })) => {
                    // Nobody waits any more: the client is dropped, and that ends the connection.
                    let _ = tell.send(Ok(Ok(client)));
                    tokio::select! {
                        // What goes wrong with it is told to whoever sends a statement.
                        _ = connection => {}
                        () = liveness.lost(asked, &host, &tls) => {}
                    }
                }
                Ok(Err(error)) => {
                    let _ = tell.send(Ok(Err(error)));
                }
                Err(silent) => {
                    let _ = tell.send(Err(silent));
                }
            }
        });
        let connected = told.recv().map_err(|_| ended())??;
        Ok(connected.and_then(|client| {
            waits.begins();
            let set = wait(client.batch_execute(&settings::pinned(used_for)));
            waits.answered();
            set.map(|()| client)
        }))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Without waiting, which is forbidden on a thread of the HTTP edge.
            runtime.shutdown_background();
        }
    }
}

/// Sleeps until the future has its answer.
pub(in crate::driver) fn wait<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Caller(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            // Wakes at once when the answer came in between.
            Poll::Pending => thread::park(),
        }
    }
}

struct Caller(Thread);

impl Wake for Caller {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
