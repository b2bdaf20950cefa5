//! The identity platform's HTTP face: discovery, keys, tokens, sign-in and consent pages.
//!
//! [`router`] lists the routes; each leads to one file of `endpoints`, a synchronous function from
//! what was asked ([`asked`]) to a reply ([`reply`]). `edge` is the only asynchronous part: it reads
//! the request, runs the function on a thread that may block, and writes the reply. Running
//! sign-ins (codes, sessions, refresh tokens) are `tickets`: documents in the store that expire.
//!
//! Deliberately absent: who may do what and how tokens are made (`access`).

mod asked;
mod browser;
mod cors;
mod edge;
mod endpoints;
mod forms;
mod oauth_error;
mod pages;
mod reply;
mod routes;
mod settings;
mod tenant_name;
mod tickets;

use std::sync::Arc;

use syncline_access::Access;
use syncline_model::{Clock, Ids};
use syncline_store::Store;

pub use forms::{Forms, NotRead, Room};
pub use pages::html::escape;
pub use reply::TokenRequested;
pub use routes::router;
pub use settings::Settings;

use tickets::device_networks::DeviceNetworks;

/// What the endpoints work with.
#[derive(Clone)]
pub struct Identity {
    pub store: Arc<Store>,
    pub access: Arc<Access>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub settings: Settings,
    /// Room for the forms that are sent here, and for those of other pages of this server.
    pub forms: Arc<Forms>,
    pub(crate) device_networks: Arc<DeviceNetworks>,
}

impl Identity {
    pub fn new(
        store: Arc<Store>,
        access: Arc<Access>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        settings: Settings,
    ) -> Self {
        Self {
            store,
            access,
            clock,
            ids,
            settings,
            forms: Arc::default(),
            device_networks: Arc::default(),
        }
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
