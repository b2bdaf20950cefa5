//! From request to response: authenticate, route, authorize, act; errors become the envelope.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use http::header::{ALLOW, CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use syncline_access::{Authenticated, Caller};
use syncline_model::{Problem, ProblemKind, RequestId, TenantId};
use syncline_odata::QueryOptions;
use syncline_odata::path::{
    Found, Router, Segment, Version, resolve, segment_not_found, split_version,
};
use tracing::{Span, record_all};

use crate::call::Tail;
use crate::narrow::LetIn;
use crate::route::{ItemsAnswered, ObjectsNamed, Route, RouteTaken};
use crate::scan::Scan;
use crate::throttle::{Full, too_much};
use crate::trace::Trace;
use crate::waiting::Waiting;
use crate::wire::problem;
use crate::{Api, Call, Content, Reply, cors, delta, me, narrow, precondition, rights, routes};

/// A problem on its way out, with headers that a problem does not know.
pub(crate) struct Refusal {
    pub(crate) problem: Problem,
    pub(crate) headers: Vec<(HeaderName, String)>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            headers: Vec::new(),
        }
    }
}

/// The routes as a tree. The list is constant; a test builds it, so that a bad pattern is found
/// there and not by a caller.
static ROUTER: LazyLock<Router<Route>> = LazyLock::new(|| {
    let mut router = Router::new();
    for route in routes::all() {
        if let Err(error) = router.add(route.method, route.pattern, *route) {
            tracing::error!(%error, pattern = route.pattern, "route left out");
        }
    }
    router
});

/// Answers one request. Never panics: a panic in an action is a 500 like any other failure.
///
/// 429 or 503 while the caller's tenant, or all together, have as many requests as are worked on.
pub fn dispatch(api: &Api, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    respond(api, request, Whole::Request)
}

/// The same for a part of a request that is worked on: one that reads as far as there is room for its answer.
pub(crate) fn dispatch_part(
    api: &Api,
    request: &Request<Vec<u8>>,
    has_room: bool,
) -> Response<Vec<u8>> {
    respond(api, request, Whole::Part { has_room })
}

/// Whether the request came by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Request,
    Part { has_room: bool },
}

fn respond(api: &Api, request: &Request<Vec<u8>>, whole: Whole) -> Response<Vec<u8>> {
    let given = request.extensions().get::<RequestId>().copied();
    let trace = Trace::new(api, request.headers(), given);
    let outcome = catch_unwind(AssertUnwindSafe(|| answer(api, request, &trace, whole)));
    let reply = match outcome {
        Ok(Ok(reply)) => reply,
        Ok(Err(refusal)) => refused(api, request, &trace, refusal),
        Err(_) => refused(
            api,
            request,
            &trace,
            Problem::internal("the action panicked").into(),
        ),
    };
    response(&trace, reply, request.method() == Method::HEAD)
}

/// The first questions of [`dispatch`], for a request whose body is not read yet: whose it is, or the
/// answer that refuses it.
pub(crate) fn admit(
    api: &Api,
    path: &str,
    headers: &HeaderMap,
    given: Option<RequestId>,
) -> Result<TenantId, Box<Response<Vec<u8>>>> {
    let problem = match authenticate(api, path, headers) {
        Ok((_, Authenticated { caller, .. })) => {
            tell(&caller);
            return Ok(caller.tenant);
        }
        Err(problem) => problem,
    };
    let trace = Trace::new(api, headers, given);
    let reply = problem::reply(&problem, &trace, &api.settings.public_url, path);
    Err(Box::new(response(&trace, reply, false)))
}

/// Fields of the request's span, where the server declares them. Told once: they would stand in a line as
/// often. And together: a line of JSON is put together anew each time.
fn tell(caller: &Caller) {
    let span = Span::current();
    record_all!(
        span,
        tenant = %caller.tenant,
        app_id = %caller.app_id(),
        principal = %caller.principal(),
        uti = caller.token_id.as_deref()
    );
}

fn authenticate(
    api: &Api,
    path: &str,
    headers: &HeaderMap,
) -> Result<(Version, Authenticated), Problem> {
    let (version, _) = split_version(path);
    let version = version.ok_or_else(|| Problem::malformed("Invalid version."))?;
    let token = header(headers, "authorization");
    Ok((version, api.access.authenticated(token)?))
}

fn answer(
    api: &Api,
    request: &Request<Vec<u8>>,
    trace: &Trace,
    whole: Whole,
) -> Result<Reply, Refusal> {
    if request.method() == Method::OPTIONS {
        return Ok(cors::preflight());
    }
    let path = request.uri().path();
    let (version, mut authenticated) = authenticate(api, path, request.headers())?;
    let tenant = authenticated.caller.tenant;
    // Nobody set it before: a request has one caller.
    let _ = trace.tenant.set(tenant);
    // Whoever sent a body was told when that was admitted, a part of a batch with the whole.
    if whole == Whole::Request && request.body().is_empty() {
        tell(&authenticated.caller);
    }
    let _share = match whole {
        Whole::Request => {
            // Before any work: what was done must be answered.
            api.throttle.answers.ask(tenant).map_err(Full::not_taken)?;
            let share = api.throttle.requests.take(tenant, 1);
            Some(share.map_err(Full::problem)?)
        }
        Whole::Part { .. } => None,
    };
    for _ in 0..rights::TRIES {
        match act(api, request, trace, version, &authenticated, whole) {
            Err(refusal) if rights::have_changed(&refusal.problem) => {
                (_, authenticated) = authenticate(api, path, request.headers())?;
            }
            answered => return answered,
        }
    }
    Err(rights::never_the_same().into())
}

/// Route, authorize and act, for a caller as of when it was authenticated.
fn act(
    api: &Api,
    request: &Request<Vec<u8>>,
    trace: &Trace,
    version: Version,
    authenticated: &Authenticated,
    whole: Whole,
) -> Result<Reply, Refusal> {
    let path = request.uri().path();
    let caller = &*authenticated.caller;
    let method = if request.method() == Method::HEAD {
        "GET"
    } else {
        request.method().as_str()
    };
    let segments = me::resolve(resolve(path)?, caller)?;
    let (route, captures) = find(method, &segments)?;
    // A request takes one route, whoever its caller turns out to be.
    let _ = trace.route.set(route.pattern);
    if whole == (Whole::Part { has_room: false }) && route.reads {
        return Err(too_much().into());
    }
    // Anything else that a path has in the place of an id may be somebody's name.
    let ids = captures
        .iter()
        .filter_map(|(_, key)| key.value().parse().ok());
    ids.for_each(|id| trace.names(id));
    let mut call = Call {
        api,
        version,
        caller,
        captures,
        query: QueryOptions::default(),
        now: trace.now,
        tail: Tail::of(&segments),
        trace,
        authenticated,
        pattern: route.pattern,
        path,
        headers: request.headers(),
        bytes: request.body(),
        waiting: request
            .extensions()
            .get::<Waiting>()
            .cloned()
            .unwrap_or_default(),
        scan: Scan::default(),
        preferred_page: Cell::default(),
        let_in: LetIn::ToAll,
        bin: OnceCell::new(),
    };
    call.let_in = narrow::authorize(&call, route)?;
    precondition::check(method, route.pattern, request.headers())?;
    call.query = QueryOptions::parse(request.uri().query().unwrap_or_default())?;
    // A request counts once, however often it is answered.
    if api.settings.graph_throttling && trace.counted.get().is_none() {
        let counted = api.graph_throttle.count(&call, route)?;
        let _ = trace.counted.set(counted);
    }
    let mut reply = (route.handler)(&call)?;
    reply
        .headers
        .extend(trace.counted.get().into_iter().flatten().cloned());
    Ok(match call.preferred_page.get() {
        None => reply,
        Some(size) => reply.with_header(
            HeaderName::from_static("preference-applied"),
            format!("odata.maxpagesize={size}"),
        ),
    })
}

fn find(
    method: &str,
    segments: &[Segment],
) -> Result<(&'static Route, syncline_odata::path::Captures), Refusal> {
    match ROUTER.find(method, segments) {
        Found::Route {
            target, captures, ..
        } => Ok((target, captures)),
        Found::MethodNotAllowed { allowed } => Err(Refusal {
            problem: Problem::new(
                ProblemKind::MethodNotAllowed,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.",
            ),
            headers: vec![(ALLOW, allowed.join(", "))],
        }),
        Found::NotFound { segment } => {
            let unknown = segments
                .get(segment)
                .or(segments.last())
                .map(Segment::display)
                .unwrap_or_default();
            Err(segment_not_found(&unknown).into())
        }
    }
}

fn refused(api: &Api, request: &Request<Vec<u8>>, trace: &Trace, refusal: Refusal) -> Reply {
    let path = match refusal.problem.kind {
        ProblemKind::Gone => Cow::Owned(delta::start_again(request.uri())),
        _ => Cow::Borrowed(request.uri().path()),
    };
    let mut reply = problem::reply(&refusal.problem, trace, &api.settings.public_url, &path);
    reply.headers.extend(refusal.headers);
    reply
}

/// Whose caller an answer is for, among its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerTo(pub(crate) TenantId);

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

pub(crate) fn response(trace: &Trace, reply: Reply, head: bool) -> Response<Vec<u8>> {
    let (content_type, body) = match reply.content {
        Content::Empty => (None, Vec::new()),
        Content::Json(json) => (Some(JSON), json.to_string().into_bytes()),
        Content::Written(json) => (Some(JSON), json.into_bytes()),
        Content::Text(text) => (Some("text/plain"), text.into_bytes()),
        Content::Other(content_type, text) => (Some(content_type), text.into_bytes()),
    };
    let mut response = Response::new(if head { Vec::new() } else { body });
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    cors::add(headers);
    put(
        headers,
        HeaderName::from_static("request-id"),
        &trace.request_id,
    );
    put(
        headers,
        HeaderName::from_static("client-request-id"),
        &trace.client_request_id,
    );
    put(
        headers,
        DATE,
        &trace
            .now
            .to_civil()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string(),
    );
    if let Some(content_type) = content_type {
        put(headers, CONTENT_TYPE, content_type);
    }
    for (name, value) in reply.headers {
        put(headers, name, &value);
    }
    if let Some(pattern) = trace.route.get() {
        response.extensions_mut().insert(RouteTaken(pattern));
    }
    let objects = trace.objects.take();
    if !objects.is_empty() {
        response.extensions_mut().insert(ObjectsNamed(objects));
    }
    let items = trace.items.take();
    if !items.is_empty() {
        response.extensions_mut().insert(ItemsAnswered(items));
    }
    if let Some(tenant) = trace.tenant.get() {
        response.extensions_mut().insert(AnswerTo(*tenant));
    }
    response
}

/// A value that can not stand in a header is left out: better an answer without it than none.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn header<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
