//! Account discovery: which objects of the tenant came from the source, whoever keeps them in step. There is no
//! index by home tenant (it would slow down every insert for a question that is seldom asked), so all live objects
//! of the kind are walked past.

use syncline_connector::Discovered;
use syncline_engine::TargetObject;
use syncline_model::{Attr, EntityKind, ObjectId};
use syncline_store::{ObjectState, Reader, Result};

use super::LocalTarget;

/// What a list shows, and whose the object is.
const SHOWN: [Attr; 4] = [
    Attr::USER_PRINCIPAL_NAME,
    Attr::DISPLAY_NAME,
    Attr::ACCOUNT_ENABLED,
    Attr::HOME_TENANT_ID,
];

pub(super) fn discover(
    target: &LocalTarget,
    reader: &Reader<'_>,
    kind: EntityKind,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Discovered> {
    let live = ObjectState::Live;
    let page = reader.scan_showing(target.target, kind, live, after, limit, &SHOWN)?;
    let (looked_at, next) = (page.rows.len(), page.next);
    let home = Some(target.source.0);
    let ours = page
        .rows
        .into_iter()
        .filter(|it| it.entry.guid(Attr::HOME_TENANT_ID) == home);
    Ok(Discovered {
        objects: ours
            .map(|it| TargetObject {
                entry: it.entry,
                soft_deleted: false,
                references: Vec::new(),
                linked_source: None,
            })
            .collect(),
        looked_at,
        next,
    })
}
