//! Throws away what has had its time: expired documents, old log rows, what has been in a recycle bin
//! for longer than that keeps it, what is left of that, and the traces of what was deleted long ago. All by a clock that can be
//! believed ([`belief`]): what is thrown away does not come back when the clock is put right. And does what was too much for
//! whoever should have done it at once.

mod belief;
mod days;
mod jobs;
mod left_behind;
mod logs;
mod recycle_bins;
#[cfg(test)]
pub(super) mod testing;
mod to_wake;
mod traces;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Problem, TenantId, Timestamp};

use self::belief::Belief;
use self::days::{Days, Kept};
use crate::app::App;
use crate::metrics::Removed;
use crate::nodes;

use super::again;
use super::stop::Stop;

const EVERY_MS: u64 = 60_000;
/// Between two slices, so that others get their turn.
const PAUSE_MS: u64 = 100;

/// What one process remembers between two slices.
#[derive(Default)]
struct Memory {
    belief: Belief,
    days: Days,
}

/// Sweeps a slice at a time until a stop is asked for, whether cycles begin by themselves or not.
pub async fn run(app: Arc<App>, node: String, stop: Stop) {
    let memory = Mutex::new(Memory::default());
    let tidy = move || {
        let running = app.metrics.running();
        let more = match in_turn(&app, &node, &mut memory.lock(), running) {
            Ok(more) => more,
            // That is said once, by whom it stops.
            Err(problem) if app.runner.is_away(&problem) => false,
            Err(problem) => {
                tracing::error!(%problem, "cannot throw away what is old");
                false
            }
        };
        if more { PAUSE_MS } else { EVERY_MS }
    };
    again::and_again("throwing away what is old", EVERY_MS, stop, tidy).await;
}

/// One slice, when the clock is believed and it is this server's turn: of those that share a database one at a time
/// tidies up. `running`: the time since any moment that stays the same, whatever becomes of the clock.
fn in_turn(app: &App, node: &str, memory: &mut Memory, running: Duration) -> Result<bool, Problem> {
    // The same moment for all that is done: a clock may jump in the middle of it.
    let now = app.clock.now();
    // Whoever's turn it is: it must know what is to be kept for longer.
    let kept = memory.days.kept(app, running)?;
    if !memory.belief.holds(app, now, running)? {
        return Ok(false);
    }
    let mine = !app.store.is_shared() || app.store.write(|tx| nodes::take_turn(tx, node, now))?;
    if !mine {
        return Ok(false);
    }
    let more = slice(app, now, kept)?;
    memory.belief.note(app, now)?;
    Ok(more)
}

/// One slice of everything that is old at this moment; true while there may be more. In each tenant it is looked whether
/// the server stops: with many tenants a slice takes longer than the server waits for it.
fn slice(app: &App, now: Timestamp, kept: Kept) -> Result<bool, Problem> {
    let documents = app.runner.sweep_documents(now)?;
    let figures = &app.metrics.retention;
    figures.count(Removed::Document, documents.removed);
    let mut more = documents.more;
    more |= jobs::clear(app)?;
    more |= to_wake::wake(app)?;
    more |= logs::shorten(app, now, kept.log_days)?;
    more |= recycle_bins::empty(app, now, kept.deleted_days)?;
    more |= left_behind::remove(app, now)?;
    more |= traces::remove(app, now)?;
    Ok(more)
}

/// The tenants, until the server stops.
fn tenants(app: &App) -> Result<impl Iterator<Item = TenantId>, Problem> {
    let all = app.store.read(|reader| reader.tenant_ids())?;
    Ok(until_it_stops(app, all))
}

fn until_it_stops(app: &App, tenants: Vec<TenantId>) -> impl Iterator<Item = TenantId> {
    tenants.into_iter().take_while(|_| !app.cycles.stopping())
}

/// What was done in one tenant. What goes wrong there is told, and holds up no other tenant; unless the
/// database itself does not answer.
fn done<T>(app: &App, tenant: TenantId, done: Result<T, Problem>) -> Result<Option<T>, Problem> {
    let problem = match done {
        Ok(done) => return Ok(Some(done)),
        Err(problem) => problem,
    };
    // The tenant's own row may be what is wrong.
    app.store.read(|reader| reader.tenant_ids())?;
    tracing::error!(%problem, %tenant, "cannot throw away what is old in a tenant");
    Ok(None)
}

#[cfg(test)]
mod tests {
    use syncline_model::CycleId;
    use syncline_store::LogRow;

    use super::testing::{job, opened, slice, with_recycled};
    use super::*;

    fn written(app: &App) -> String {
        let figures = app.metrics.render(app).unwrap();
        let writes = "store_transactions_total{kind=\"write\"";
        let lines = figures.lines().filter(|line| line.contains(writes));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_server_that_stops_begins_with_no_other_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        app.settings.retention.deleted_days = Some(0);
        for domain in ["contoso.example", "fabrikam.example"] {
            with_recycled(&app, domain, 1);
        }
        app.cycles.stop();
        assert!(!slice(&app).unwrap());
        let figures = app.metrics.render(&app).unwrap();
        assert!(
            figures.contains("retention_removed_total{kind=\"recycled_object\"} 0\n"),
            "{figures}"
        );
    }

    #[test]
    fn where_nothing_has_had_its_time_nobody_takes_turns_with_the_sweeper() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 2);
        // Its name stays as long as its log.
        let gone = job(&app, &contoso);
        let event = LogRow {
            id: app.ids.object_id(),
            job: gone.id.clone(),
            cycle: CycleId::from_bytes([1; 16]),
            change: app.ids.object_id(),
            at: app.clock.now(),
            duration_ms: 1,
            evidence: vec![1],
        };
        app.store
            .write(|tx| {
                tx.append_log(contoso.id, &gone.id, &[event])?;
                tx.delete_job(contoso.id, &gone.id)
            })
            .unwrap();
        while slice(&app).unwrap() {}
        let before = written(&app);
        assert!(!before.is_empty());
        assert!(!slice(&app).unwrap());
        assert_eq!(written(&app), before);
    }
}
