//! How one request is told from another: the ids every answer and every error carries.

use std::cell::{OnceCell, RefCell};

use http::HeaderMap;
use syncline_model::{RequestId, TenantId, Timestamp};
use uuid::Uuid;

use crate::Api;
use crate::graph_throttle::Headers;
use crate::route::ItemAnswered;

/// The marks of one request.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) request_id: String,
    /// The caller's own id for the request; ours when there is none.
    pub(crate) client_request_id: String,
    /// One moment for the whole request.
    pub(crate) now: Timestamp,
    /// The pattern of the route it took, once that is known.
    pub(crate) route: OnceCell<&'static str>,
    /// The caller's tenant, once that is known.
    pub(crate) tenant: OnceCell<TenantId>,
    /// The objects that it is about, as far as that is known.
    pub(crate) objects: RefCell<Vec<Uuid>>,
    /// What its answer says of its cost, once that was counted, where it is.
    pub(crate) counted: OnceCell<Headers>,
    /// The answers to its parts.
    pub(crate) items: RefCell<Vec<ItemAnswered>>,
}

/// Longest id we echo; longer ones are not ids.
const MAX_CLIENT_REQUEST_ID: usize = 128;
/// More than any path names.
const MOST_OBJECTS: usize = 8;

impl Trace {
    /// `given`: the id that the server has written into its log already.
    pub(crate) fn new(api: &Api, headers: &HeaderMap, given: Option<RequestId>) -> Self {
        let request_id = given
            .unwrap_or_else(|| RequestId(api.ids.random_uuid()))
            .to_string();
        let sent = headers
            .get("client-request-id")
            .and_then(|it| it.to_str().ok());
        let client_request_id =
            sent.filter(|it| !it.is_empty() && it.len() <= MAX_CLIENT_REQUEST_ID);
        Self {
            client_request_id: client_request_id.unwrap_or(&request_id).to_owned(),
            request_id,
            now: api.clock.now(),
            route: OnceCell::new(),
            tenant: OnceCell::new(),
            objects: RefCell::default(),
            counted: OnceCell::new(),
            items: RefCell::default(),
        }
    }

    /// It is about this object.
    pub(crate) fn names(&self, id: Uuid) {
        let mut objects = self.objects.borrow_mut();
        if objects.len() < MOST_OBJECTS && !objects.contains(&id) {
            objects.push(id);
        }
    }
}
