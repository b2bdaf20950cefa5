//! One input: a query string, or the text of a filter.

use syncline_model::{Attr, EntityKind, Entry, ObjectId, Schema};
use syncline_odata::filter::{bind, print};
use syncline_odata::path::resolve;
use syncline_odata::{QueryOptions, Rules, values_of};

/// What must hold, whatever the input.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // A path or a query string as a client sends it.
    let _ = resolve(&text);
    if let Ok(options) = QueryOptions::parse(&text) {
        for kind in [EntityKind::User, EntityKind::Group] {
            let _ = options.bind(Schema::core().of(kind), &Rules::users());
            let _ = options.selection(Schema::core().of(kind));
        }
        let _ = options.next_link_query("x");
    }
    for (kind, rules) in [
        (EntityKind::User, Rules::users()),
        (EntityKind::ProvisioningEvent, Rules::provisioning_log()),
    ] {
        if let Ok(predicate) = bind(&text, Schema::core().of(kind), &rules) {
            let entry = Entry::new(kind, ObjectId::NIL);
            let holds = predicate.evaluate(&entry);
            assert_eq!(holds, predicate.evaluate(&entry));
            let _ = print(&predicate);
            let _ = values_of(&predicate, Attr::ID);
        }
    }
}
