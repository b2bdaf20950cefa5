//! Graph's own throttling, for whoever wants to know how a client bears it: off unless it is asked for.
//!
//! As documented for identity and access, of one application in one tenant: resource units in ten seconds, more of them in a
//! larger tenant, and writes in two and a half minutes. They are counted in this process, in windows that begin with a
//! request. What is refused does not count, so that after `Retry-After` there is room again.
//!
//! Deliberately absent: the limits of an application in all tenants and of a tenant in all applications, of which a
//! test meets the former first.

use std::collections::HashMap;

use http::HeaderName;
use parking_lot::Mutex;
use syncline_model::{AppId, EntityKind, Problem, ProblemKind, TenantId, Timestamp};
use syncline_odata::QueryOptions;
use syncline_store::ObjectState;

use crate::Call;
use crate::dispatch::Refusal;
use crate::route::Route;

/// How long resource units are counted together.
const UNITS_SECONDS: i64 = 10;
/// How long writes are.
const WRITES_SECONDS: i64 = 150;
/// Writes in that time.
const MOST_WRITES: u32 = 3_000;

/// Applications that are remembered although they were quiet for longer than any window.
const MOST_QUIET: usize = 1_000;

/// What was used lately.
#[derive(Debug, Default)]
pub(crate) struct GraphThrottle(Mutex<HashMap<(TenantId, AppId), Used>>);

/// By one application in one tenant.
#[derive(Debug)]
struct Used {
    units: Window,
    writes: Window,
}

#[derive(Debug)]
struct Window {
    seconds: i64,
    ends: Timestamp,
    used: u32,
}

/// What an answer says of what its request costs.
pub(crate) type Headers = Vec<(HeaderName, String)>;

impl GraphThrottle {
    /// Counts a request before it is answered. Returns what its answer says about that.
    ///
    /// # Errors
    /// 429 with the time until there is room again.
    pub(crate) fn count(&self, call: &Call<'_>, route: &Route) -> Result<Headers, Refusal> {
        // Its items count one by one.
        if route.pattern == "/$batch" {
            return Ok(Headers::new());
        }
        let most_units = most_units(call)?;
        let (units, writes) = (cost(route, &call.query), u32::from(!route.reads));
        let mut all = self.0.lock();
        if all.len() > MOST_QUIET {
            all.retain(|_, it| !it.units.is_over(call.now) || !it.writes.is_over(call.now));
        }
        let used = all
            .entry((call.tenant(), call.caller.app_id()))
            .or_insert_with(|| Used {
                units: Window::new(call.now, UNITS_SECONDS),
                writes: Window::new(call.now, WRITES_SECONDS),
            });
        used.units.renew(call.now);
        used.writes.renew(call.now);
        if used.writes.used + writes > MOST_WRITES {
            let why = ("Write", "WriteLimitExceeded");
            return Err(refusal(call, why, &used.writes));
        }
        if used.units.used + units > most_units {
            let why = ("ReadWrite", "ResourceUnitLimitExceeded");
            return Err(refusal(call, why, &used.units));
        }
        used.units.used += units;
        used.writes.used += writes;
        let part = f64::max(
            f64::from(used.units.used) / f64::from(most_units),
            f64::from(used.writes.used) / f64::from(MOST_WRITES),
        );
        let mut headers = vec![header("x-ms-resource-unit", units.to_string())];
        if part > 0.8 {
            headers.push(header(
                "x-ms-throttle-limit-percentage",
                format!("{part:.2}"),
            ));
        }
        Ok(headers)
    }
}

impl Window {
    fn new(now: Timestamp, seconds: i64) -> Self {
        Self {
            seconds,
            ends: now.plus_seconds(seconds),
            used: 0,
        }
    }

    /// Also where it ends later than one that begins now: the clock was set back.
    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends || now.plus_seconds(self.seconds) < self.ends
    }

    fn renew(&mut self, now: Timestamp) {
        if self.is_over(now) {
            *self = Self::new(now, self.seconds);
        }
    }
}

/// Resource units of an application in ten seconds, as large as the tenant is.
fn most_units(call: &Call<'_>) -> Result<u32, Problem> {
    let users = call.read(|reader| {
        let live = ObjectState::Live;
        Ok(reader.count_objects(call.tenant(), EntityKind::User, live)?)
    })?;
    Ok(match users {
        0..50 => 3_500,
        50..=500 => 5_000,
        _ => 8_000,
    })
}

/// Resource units of a request.
fn cost(route: &Route, query: &QueryOptions) -> u32 {
    let texts = &query.texts;
    let more = u32::from(texts.expand.is_some());
    let less = u32::from(texts.select.is_some()) + u32::from(texts.top.is_some_and(|top| top < 20));
    (base_cost(route) + more).saturating_sub(less).max(1)
}

/// As Graph lists them; what it does not list costs 1.
fn base_cost(route: &Route) -> u32 {
    if !route.reads {
        return 1;
    }
    match route.pattern {
        "/groups/{id}/transitiveMembers" => 5,
        "/groups/{id}/members" => 3,
        "/users"
        | "/applications"
        | "/applications/{id}/extensionProperties"
        | "/oauth2PermissionGrants"
        | "/oauth2PermissionGrants/{id}"
        | "/servicePrincipals/{id}/appRoleAssignments" => 2,
        pattern => match pattern.rsplit('/').next().unwrap_or_default() {
            "checkMemberGroups" | "checkMemberObjects" => 4,
            "getByIds" => 3,
            "getMemberGroups" | "getMemberObjects" | "memberOf" | "transitiveMemberOf" => 2,
            _ => 1,
        },
    }
}

fn refusal(call: &Call<'_>, (limit, why): (&str, &str), full: &Window) -> Refusal {
    let left = full.ends.milliseconds_since(call.now).div_ceil(1_000);
    let problem = Problem::new(
        ProblemKind::TooManyRequests,
        "TooManyRequests",
        "Please retry again later.",
    )
    // No window is longer than that.
    .with_retry_after(u32::try_from(left).unwrap_or(u32::MAX).max(1));
    let (app, tenant) = (call.caller.app_id(), call.tenant());
    let scope = format!("Tenant_Application/{limit}/{app}/{tenant}");
    Refusal {
        problem,
        headers: vec![
            header("x-ms-throttle-scope", scope),
            header("x-ms-throttle-information", why.to_owned()),
        ],
    }
}

fn header(name: &'static str, value: String) -> (HeaderName, String) {
    (HeaderName::from_static(name), value)
}
