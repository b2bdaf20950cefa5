//! A thread that works out what another one decides: as long as pages are decided ahead. One for each page would have to
//! take over what memory the one before it has left, which took it a fifth of its time.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use syncline_model::Problem;
use syncline_store::Store;

use super::Decided;
use super::ahead::work_out_all;
use crate::configuration::Configuration;

/// So many times a few may be decided and not worked out yet.
const BETWEEN: usize = 4;

/// Ends when nobody has it any more.
pub(crate) struct Drafter {
    pages: SyncSender<Page>,
}

/// A drafter, and what it works out for.
#[derive(Clone, Copy)]
pub(crate) struct DrafterFor<'d> {
    drafter: &'d Drafter,
    configuration: &'d Arc<Configuration>,
}

/// What it is told of a page.
struct Page {
    configuration: Arc<Configuration>,
    decided: Receiver<Vec<Decided>>,
    worked_out: SyncSender<Result<Vec<Decided>, Problem>>,
}

impl Drafter {
    /// `None` on a shared database, where each that reads takes a connection, and where the system has
    /// no thread left.
    pub(crate) fn start<'s>(scope: &'s Scope<'s, '_>, store: &'s Store) -> Option<Self> {
        if store.is_shared() {
            return None;
        }
        let (pages, told) = sync_channel(1);
        let serve = move || serve(store, &told);
        let thread = Builder::new().name("drafter".to_owned());
        thread.spawn_scoped(scope, serve).ok()?;
        Some(Self { pages })
    }

    pub(crate) fn of<'d>(&'d self, configuration: &'d Arc<Configuration>) -> DrafterFor<'d> {
        DrafterFor {
            drafter: self,
            configuration,
        }
    }
}

impl DrafterFor<'_> {
    /// A page, of which `few_decided` gives the next few until there are none.
    pub(super) fn work_out(
        self,
        mut few_decided: impl FnMut() -> Result<Option<Vec<Decided>>, Problem>,
    ) -> Result<Vec<Decided>, Problem> {
        let (few, decided) = sync_channel(BETWEEN);
        let (worked_out, page) = sync_channel(1);
        let told = self.drafter.pages.send(Page {
            configuration: Arc::clone(self.configuration),
            decided,
            worked_out,
        });
        told.map_err(|_| gone())?;
        while let Some(some) = few_decided()? {
            // Nothing is worked out any more: the other thread says why.
            if few.send(some).is_err() {
                break;
            }
        }
        drop(few);
        page.recv().map_err(|_| gone())?
    }
}

fn serve(store: &Store, pages: &Receiver<Page>) {
    while let Ok(page) = pages.recv() {
        let Page {
            configuration,
            decided,
            worked_out,
        } = page;
        let of_page =
            store.read(|reader| work_out_all(reader, &configuration, || Ok(decided.recv().ok())));
        // Nobody waits for it: whoever decides has failed.
        let _ = worked_out.send(of_page);
    }
}

/// Only a panic ends the thread before whoever decides: it is told by the panic hook, and again where
/// the threads are joined.
fn gone() -> Problem {
    Problem::internal("the thread that works out what is decided has ended")
}
