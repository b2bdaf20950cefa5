//! `servicePrincipalNames`: the client id, what the application is identified by, and names of its own.

use std::collections::HashSet;

use syncline_model::{Attr, Attrs, Value};
use syncline_store::Stored;

/// Those of a new service principal.
pub(super) fn of_application(application: &Stored) -> Value {
    let app_id = application.entry.guid(Attr::APP_ID);
    let app_id = app_id.map(|it| Value::text(it.hyphenated().to_string()));
    let uris = list(application.entry.get(Attr::IDENTIFIER_URIS));
    Value::List(app_id.into_iter().chain(uris.iter().cloned()).collect())
}

/// Brings the application's URIs in, and takes away those that it had before and has no more. Its own names stay.
pub(super) fn follow(attrs: &mut Attrs, before: Option<&Value>, application: &Stored) {
    let (was, is) = (
        list(before),
        list(application.entry.get(Attr::IDENTIFIER_URIS)),
    );
    let has = list(attrs.get(Attr::SERVICE_PRINCIPAL_NAMES));
    // There may be thousands.
    let [was_one, is_one, has_one] = [was, is, has].map(set);
    let stays = |name: &&Value| {
        let name = name.as_text();
        !was_one.contains(&name) || is_one.contains(&name)
    };
    let comes = |uri: &&Value| !has_one.contains(&uri.as_text());
    if has.iter().all(|it| stays(&it)) && !is.iter().any(|it| comes(&it)) {
        return;
    }
    let names = has
        .iter()
        .filter(stays)
        .chain(is.iter().filter(comes))
        .cloned()
        .collect();
    attrs.set(Attr::SERVICE_PRINCIPAL_NAMES, Value::List(names));
}

fn set(values: &[Value]) -> HashSet<Option<&str>> {
    values.iter().map(Value::as_text).collect()
}

fn list(value: Option<&Value>) -> &[Value] {
    value.map_or(&[], Value::as_slice)
}
