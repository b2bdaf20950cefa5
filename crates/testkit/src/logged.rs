//! What some work has logged, on whichever thread it went on.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Instrument as _, Span, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Collects the lines that are written inside of its span: other tests of the process log at the same time.
#[derive(Debug)]
pub struct Logged {
    span: Span,
    key: u64,
}

/// By the number of the span.
static LINES: LazyLock<Mutex<HashMap<u64, Vec<String>>>> = LazyLock::new(Mutex::default);

static COLLECTS: LazyLock<()> = LazyLock::new(|| {
    tracing::subscriber::set_global_default(Registry::default().with(Lines))
        .expect("nothing else collects what these tests log");
});

impl Default for Logged {
    fn default() -> Self {
        Self::new()
    }
}

impl Logged {
    pub fn new() -> Self {
        LazyLock::force(&COLLECTS);
        let span = tracing::info_span!(parent: None, "logged");
        let key = span.id().expect("every span is collected").into_u64();
        kept().insert(key, Vec::new());
        Self { span, key }
    }

    /// Collects what this work logs.
    pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        self.span.in_scope(work)
    }

    /// The same of a task.
    pub async fn of<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.span.clone()).await
    }

    /// The lines so far that hold this text: `INFO message name=value name=value`.
    pub fn lines(&self, text: &str) -> Vec<String> {
        let kept = kept();
        let lines = kept.get(&self.key).into_iter().flatten();
        lines.filter(|it| it.contains(text)).cloned().collect()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        kept().remove(&self.key);
    }
}

fn kept() -> MutexGuard<'static, HashMap<u64, Vec<String>>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Lines;

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let outermost = context
            .event_scope(event)
            .and_then(|scope| scope.from_root().next());
        let Some(outermost) = outermost else {
            return;
        };
        if let Some(lines) = kept().get_mut(&outermost.id().into_u64()) {
            let mut line = Line::default();
            event.record(&mut line);
            let level = event.metadata().level();
            lines.push(format!("{level} {}{}", line.message, line.fields));
        }
    }
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
        written.expect("a text takes all that is written");
    }
}
