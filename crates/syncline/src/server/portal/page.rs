//! The pages' HTML: plain, readable without styles, and without scripts.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use syncline_graph_api::actions::synchronization::wire::job::for_the_tenant;
use syncline_identity::escape;

use super::newest::{Line, Newest};
use super::status::{OldestJobs, Status};
use crate::commands::jobs_list::{LastCycle, Summary, state_name};
use crate::report;

const STYLE: &str = include_str!("style.css");

pub fn sign_in_form(user: &str, error: Option<&str>) -> String {
    let error = error
        .map(|it| format!("<p role=\"alert\" class=\"error\">{}</p>", escape(it)))
        .unwrap_or_default();
    let user = escape(user);
    document(
        "Sign in",
        &format!(
            "<main class=\"narrow\"><h1>Syncline</h1>{error}\
             <form method=\"post\" action=\"/sign-in\">\
             <label for=\"user\">User name</label>\
             <input id=\"user\" name=\"user\" type=\"text\" value=\"{user}\" autocomplete=\"username\" required autofocus>\
             <label for=\"password\">Password</label>\
             <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required>\
             <button>Sign in</button></form>\
             <p>Administrators see their own tenant: its jobs, cycles and provisioning log.</p>\
             <p><a href=\"/changepassword\">Change your password</a></p></main>"
        ),
    )
}

/// As many others as may look at a time do so.
pub fn busy() -> String {
    document(
        "Busy",
        "<main class=\"narrow\"><h1>Busy</h1><p>This tenant, or the server, has as much to do as it can. Load this page again in a few seconds.</p></main>",
    )
}

pub fn broken() -> String {
    document(
        "Error",
        "<main class=\"narrow\"><h1>Something went wrong</h1><p>The server's messages say more.</p></main>",
    )
}

pub fn status(status: &Status) -> String {
    let tenant = &status.tenant;
    let domains: Vec<String> = tenant.domains.iter().map(|it| escape(&it.name)).collect();
    let jobs = match &status.jobs {
        Some(found) => jobs(found),
        None => not_let("the jobs"),
    };
    let log = match &status.log {
        Some(found) => log(found),
        None => not_let("the log"),
    };
    document(
        &tenant.display_name,
        &format!(
            "<header><p>{visitor}</p><form method=\"post\" action=\"/sign-out\"><button>Sign out</button></form></header>\
             <main><h1>{name}</h1><dl><dt>Tenant id</dt><dd>{id}</dd><dt>Domains</dt><dd>{domains}</dd>\
             <dt>Users</dt><dd>{users}</dd><dt>Groups</dt><dd>{groups}</dd></dl>\
             <h2>Jobs</h2>{jobs}<h2>Provisioning log, newest first</h2>{log}</main>",
            visitor = escape(&status.visitor),
            name = escape(&tenant.display_name),
            id = tenant.id,
            domains = domains.join(", "),
            users = status.users,
            groups = status.groups,
        ),
    )
}

/// What Graph refuses to the same roles is not shown here either.
fn not_let(what: &str) -> String {
    format!("<p>Your roles do not let you see {what} of this tenant.</p>")
}

fn jobs(jobs: &OldestJobs) -> String {
    let OldestJobs { shown, more } = jobs;
    let unreadable = shown.unreadable.iter().map(|id| {
        let id = escape(id.as_str());
        format!("<p>The job {id} cannot be read; the operator finds out more with <code>syncline doctor</code>.</p>")
    });
    let mut shown: String = shown.jobs.iter().map(job).chain(unreadable).collect();
    if shown.is_empty() {
        shown.push_str("<p>No job yet.</p>");
    }
    if *more > 0 {
        shown.push_str(&format!(
            "<p>And {more} more, which Graph lists; the operator sees them with <code>syncline jobs list</code>.</p>"
        ));
    }
    shown
}

fn log(log: &Newest) -> String {
    let mut unreadable = match log.unreadable {
        0 => String::new(),
        count => format!(
            "<p>Entries that cannot be read, and are not shown: {count}. The operator finds out more with <code>syncline doctor</code>.</p>"
        ),
    };
    if log.gave_up {
        unreadable
            .push_str("<p>There are so many of them that older entries were not looked at.</p>");
    } else if log.lines.is_empty() {
        unreadable.push_str("<p>Nothing was logged yet.</p>");
    }
    if log.lines.is_empty() {
        return unreadable;
    }
    let rows: String = log.lines.iter().map(log_row).collect();
    format!(
        "{unreadable}<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Provisioning log\"><table>\
         <thead><tr><th scope=\"col\">Time</th><th scope=\"col\">Action</th><th scope=\"col\">Status</th>\
         <th scope=\"col\">Who</th><th scope=\"col\">Reason</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

fn job(job: &Summary) -> String {
    let to = escape(job.to());
    let last = job
        .last_cycle
        .as_ref()
        .map_or_else(|| "<p>No cycle yet.</p>".to_owned(), last_cycle);
    // Between the same tenants there may be several.
    let name = match job.name.is_empty() {
        true => String::new(),
        false => format!("{}: ", escape(&job.name)),
    };
    let forced = match job.deletes_are_forced {
        true => format!("<p>{}</p>", escape(&report::forced(&job.job_id))),
        false => String::new(),
    };
    let misread = job.misread().map_or_else(String::new, |problem| {
        format!("<p class=\"error\">{}</p>", escape(&problem))
    });
    let quarantine = quarantine(job);
    let held = job
        .why_held()
        .map_or_else(String::new, |held| format!("<p>{}</p>", escape(&held)));
    format!(
        "<section><h3>{name}{source} → {to}</h3><dl><dt>Job</dt><dd>{id}</dd><dt>Status</dt><dd>{status}</dd>\
         <dt>Every</dt><dd>{every}</dd><dt>Next cycle</dt><dd>{next}</dd>\
         <dt>Deletion threshold</dt><dd>{threshold}</dd></dl>{quarantine}{held}{forced}{misread}{last}</section>",
        source = escape(&job.source),
        id = escape(job.job_id.as_str()),
        status = escape(&job.state()),
        every = job.every("minutes"),
        next = escape(job.next_due.as_deref().unwrap_or("none by itself")),
        threshold = escape(&job.threshold()),
    )
}

/// Why the job is in quarantine, and what to do.
fn quarantine(job: &Summary) -> String {
    let Some(reason) = &job.quarantine_reason else {
        return String::new();
    };
    let mut said = match &job.quarantine_message {
        Some(message) => format!("<p class=\"error\">{}</p>", problem(reason, message)),
        None => format!("<p class=\"error\">{}</p>", escape(reason)),
    };
    if job.disabled {
        let disabled = report::disabled(&job.job_id);
        said.push_str(&format!("<p>{}</p>", escape(&disabled)));
    }
    said
}

/// As Graph tells it: what failed inside is the operator's.
fn problem(code: &str, message: &str) -> String {
    let (message, _) = for_the_tenant(code, message);
    format!("{}: {}", escape(code), escape(message))
}

fn last_cycle(cycle: &LastCycle) -> String {
    let counts = serde_json::to_value(cycle.counts).unwrap_or_default();
    let done: String = counts
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, count)| count.as_u64().is_some_and(|it| it > 0))
        .map(|(name, count)| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{count}</td></tr>",
                escape(&words(name))
            )
        })
        .collect();
    let skipped: String = cycle
        .skipped_by_reason
        .iter()
        .map(|(reason, count)| {
            format!(
                "<tr><th scope=\"row\">skipped: {}</th><td>{count}</td></tr>",
                escape(reason)
            )
        })
        .collect();
    let error = cycle
        .error
        .as_ref()
        .map_or_else(String::new, |(code, message)| {
            format!("<p class=\"error\">{}</p>", problem(code, message))
        });
    format!(
        "<p>Last cycle: {}, ended <time>{}</time></p>{error}<table><tbody>{done}{skipped}</tbody></table>",
        state_name(cycle.state),
        escape(&cycle.ended)
    )
}

/// `referencesSet` → `references set`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn log_row(line: &Line) -> String {
    let cells = line.iter().map(|text| format!("<td>{}</td>", escape(text)));
    format!("<tr>{}</tr>", cells.collect::<String>())
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{} – Syncline</title><style>{STYLE}</style></head><body>{body}</body></html>",
        escape(title)
    )
}

/// Nothing is loaded from anywhere, and nobody puts the page into a frame.
pub fn respond(status: StatusCode, html: String) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use syncline_model::job::{Counts, CycleKind, CycleState};

    use super::*;

    #[test]
    fn markup_of_strangers_is_text() {
        let page = sign_in_form("\"><script>", Some("<b>"));
        assert!(
            page.contains("value=\"&quot;&gt;&lt;script&gt;\"") && page.contains("&lt;b&gt;"),
            "{page}"
        );
    }

    #[test]
    fn a_job_says_which_threshold_is_in_force_and_what_is_wrong_with_it() {
        let summary = serde_json::json!({
            "jobId": "Azure2Azure.1.2", "name": "Fabrikam", "source": "Contoso",
            "sourceTenantId": "01234567-89ab-4def-8123-456789abcdef",
            "status": "Active", "started": true, "intervalSeconds": 2400,
            "deletionThreshold": { "enabled": true, "value": 20, "problem": "`<x>` is wrong" },
        });
        let mut summary: Summary = serde_json::from_value(summary).expect("a summary");
        let shown = job(&summary);
        assert!(!shown.contains("ForceDeletes"), "{shown}");
        summary.deletes_are_forced = true;
        assert!(job(&summary).contains("<p>ForceDeletes: "));
        assert!(
            shown.contains("<h3>Fabrikam: Contoso → no target yet</h3>")
                && shown.contains("<dd>20 deletes and disables</dd>")
                && shown.contains("`&lt;x&gt;` is wrong"),
            "{shown}"
        );
    }

    #[test]
    fn a_job_whose_secrets_can_not_be_read_names_no_target_and_no_threshold() {
        let summary = serde_json::json!({
            "jobId": "Azure2Azure.1.2", "name": "Fabrikam", "source": "Contoso",
            "sourceTenantId": "01234567-89ab-4def-8123-456789abcdef",
            "status": "Active", "started": true, "intervalSeconds": 2400, "secretsUnreadable": true,
        });
        let shown = job(&serde_json::from_value(summary).expect("a summary"));
        assert!(
            shown.contains("Contoso → unknown") && shown.contains("PUT …/synchronization/secrets"),
            "{shown}"
        );
        assert!(shown.contains("<dd>unknown</dd>"), "{shown}");
    }

    #[test]
    fn what_failed_inside_is_told_to_the_operator_alone() {
        let summary = serde_json::json!({
            "jobId": "Azure2Azure.1.2", "name": "Fabrikam", "source": "Contoso",
            "sourceTenantId": "01234567-89ab-4def-8123-456789abcdef",
            "status": "Quarantine", "started": true, "intervalSeconds": 2400, "disabled": true,
            "quarantineReason": "EncounteredQuarantineException",
        });
        let mut summary: Summary = serde_json::from_value(summary).expect("a summary");
        let mut failed = |code: &str| {
            summary.last_cycle = Some(LastCycle {
                cycle_id: "1".to_owned(),
                kind: CycleKind::Incremental,
                state: CycleState::Failed,
                ended: "2026-11-30T00:00:00Z".to_owned(),
                counts: Counts::default(),
                skipped_by_reason: BTreeMap::new(),
                error: Some((code.to_owned(), "damaged row in <x>".to_owned())),
            });
            job(&summary)
        };
        let shown = failed("InternalServerError");
        assert!(
            shown.contains("InternalServerError: The service failed."),
            "{shown}"
        );
        assert!(!shown.contains("damaged"), "{shown}");
        assert!(
            shown.contains("EncounteredQuarantineException") && shown.contains("4 weeks"),
            "{shown}"
        );
        let shown = failed("PolicyRefused");
        assert!(
            shown.contains("PolicyRefused: damaged row in &lt;x&gt;"),
            "{shown}"
        );
    }

    #[test]
    fn counts_are_named_in_words() {
        assert_eq!(words("referencesPending"), "references pending");
    }
}
