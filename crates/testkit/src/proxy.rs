//! A network to the test database that can be disturbed: connections are cut or refused, nothing comes
//! through any more, answers to commits are lost.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::database::postgres_url;

/// How a statement says it, in PostgreSQL's protocol.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// Stands between a store and the test database.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    server: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Nothing comes through, and nobody is told.
    silent: bool,
    /// Until a client gives a connection up.
    heals: bool,
    /// So many new connections are closed at once.
    refuse: usize,
    /// The answer to every so many commits is lost with its connection; 0: none.
    lose_every: usize,
    commits: usize,
    lost: usize,
    /// What is lost is the commit itself.
    before: bool,
    /// After that nothing comes through any more.
    then_silent: bool,
    connections: usize,
    open: Vec<Arc<Link>>,
}

/// A connection on its way through.
#[derive(Debug)]
struct Link {
    client: TcpStream,
    server: TcpStream,
    /// Something was swallowed: what follows would make no sense.
    swallowed: AtomicBool,
    /// The next answer is lost.
    loses: AtomicBool,
}

impl Proxy {
    /// To the test database; `None` when tests run without one.
    pub fn start() -> Option<Self> {
        let url = crate::database::server()?;
        let server = authority(&url).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let proxy = Self {
            address: listener.local_addr().expect("the port is known"),
            server: server.clone(),
            shared: Arc::default(),
        };
        let shared = Arc::clone(&proxy.shared);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut now = lock(&shared);
                now.connections += 1;
                if now.refuse > 0 {
                    now.refuse -= 1;
                    continue;
                }
                let Ok(server) = TcpStream::connect(&server) else {
                    continue;
                };
                // Otherwise small answers wait for each other.
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let link = Arc::new(Link {
                    client,
                    server,
                    swallowed: AtomicBool::new(false),
                    loses: AtomicBool::new(false),
                });
                now.open.push(Arc::clone(&link));
                drop(now);
                for upwards in [true, false] {
                    let (link, shared) = (Arc::clone(&link), Arc::clone(&shared));
                    thread::spawn(move || link.pass(upwards, &shared));
                }
            }
        });
        Some(proxy)
    }

    /// As [`postgres_url`], through here.
    pub fn url(&self, path: &Path) -> String {
        let url = postgres_url(path).expect("there is a test database");
        url.replacen(&self.server, &self.address.to_string(), 1)
    }

    /// From now on nothing comes through, and nobody is told: connections stay open. New ones are
    /// made and not answered.
    pub fn swallow(&self) {
        lock(&self.shared).silent = true;
    }

    /// As [`Proxy::swallow`], until a client closes a connection because it gets no answer.
    pub fn swallow_until_given_up(&self) {
        let mut shared = lock(&self.shared);
        (shared.silent, shared.heals) = (true, true);
    }

    /// New connections come through again. Those on which something was swallowed never will.
    pub fn heal(&self) {
        lock(&self.shared).silent = false;
    }

    /// Cuts all connections, and closes so many new ones at once.
    pub fn cut_and_refuse(&self, connections: usize) {
        let mut shared = lock(&self.shared);
        shared.refuse = connections;
        for link in shared.open.drain(..) {
            link.close();
        }
    }

    /// Commits take place from now on, but the answer to every so many is lost, and the connection
    /// with it.
    pub fn lose_answers_to_commits(&self, every: usize) {
        lock(&self.shared).lose_every = every;
    }

    /// The next commit does not even arrive, and its connection is lost.
    pub fn lose_a_commit(&self) {
        let mut shared = lock(&self.shared);
        (shared.lose_every, shared.before) = (1, true);
    }

    /// The answer to the next commit is lost, and nothing comes through any more.
    pub fn fall_silent_at_a_commit(&self) {
        let mut shared = lock(&self.shared);
        (shared.lose_every, shared.then_silent) = (1, true);
    }

    /// How many connections were asked for.
    pub fn connections(&self) -> usize {
        lock(&self.shared).connections
    }

    /// How many answers to commits were lost.
    pub fn lost(&self) -> usize {
        lock(&self.shared).lost
    }
}

impl Link {
    /// Passes on what one side says, until it is closed.
    fn pass(&self, upwards: bool, shared: &Mutex<Shared>) {
        let (mut from, mut to) = if upwards {
            (&self.client, &self.server)
        } else {
            (&self.server, &self.client)
        };
        let mut bytes = [0; 16 * 1024];
        while let Ok(count) = from.read(&mut bytes)
            && count > 0
        {
            let bytes = bytes.get(..count).unwrap_or_default();
            if lock(shared).silent {
                self.swallowed.store(true, Ordering::SeqCst);
            }
            if self.swallowed.load(Ordering::SeqCst) {
                continue;
            }
            if upwards && bytes.windows(COMMIT.len()).any(|it| it == COMMIT) {
                let mut shared = lock(shared);
                shared.commits += 1;
                if shared.lose_every > 0 && shared.commits.is_multiple_of(shared.lose_every) {
                    self.loses.store(true, Ordering::SeqCst);
                    shared.lost += 1;
                    if shared.before {
                        (shared.lose_every, shared.before) = (0, false);
                        break;
                    }
                }
            }
            // The commit has taken place: this is its answer.
            if !upwards && self.loses.load(Ordering::SeqCst) {
                let mut shared = lock(shared);
                shared.silent |= shared.then_silent;
                break;
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        // Behind a cable that is cut, the other side does not learn that this one has gone.
        if !self.swallowed.load(Ordering::SeqCst) {
            self.close();
        } else if upwards {
            let mut shared = lock(shared);
            shared.silent &= !shared.heals;
        }
    }

    fn close(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut_and_refuse(usize::MAX);
    }
}

/// `host:port` of a URL.
fn authority(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, it)| it);
    let behind = behind.split_once('@').map_or(behind, |(_, it)| it);
    behind.split(['/', '?']).next().unwrap_or(behind)
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
