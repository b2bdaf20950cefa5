//! Finding users by their link and by their anchor.

use std::sync::Arc;

use syncline_connector::Target;
use syncline_directory::LocalTarget;
use syncline_engine::{LookupQuery, Operation};
use syncline_model::{Attr, ObjectId, Value};
use syncline_store::StoreError;

use super::{USER, create, mapped, targeted};

#[test]
fn matching_sees_only_users_of_this_source() {
    let it = targeted();
    let id = it.done(create(mapped("megan")));
    let found = it.matching("5::megan");
    assert_eq!(
        (found.len(), found[0].entry.id, found[0].soft_deleted),
        (1, id, false)
    );
    assert!(it.matching("5::nobody").is_empty());
    let other = LocalTarget::new(
        syncline_model::TenantId::from_bytes([1; 16]),
        it.world.fabrikam.id,
        Arc::clone(&it.world.ids) as _,
        Arc::clone(&it.world.clock) as _,
    );
    let query = LookupQuery::Matching {
        kind: USER,
        attr: Attr::ALTERNATIVE_SECURITY_IDS,
        value: Value::text("5::megan"),
    };
    let seen = it
        .world
        .store
        .write(|tx| Ok::<_, StoreError>(other.find(tx, &[query]).unwrap()))
        .unwrap();
    assert!(seen[0].is_empty());
    let by_mail = LookupQuery::Matching {
        kind: USER,
        attr: Attr::MAIL,
        value: Value::text("m@x.example"),
    };
    let refused = it
        .world
        .store
        .write(|tx| Ok::<_, StoreError>(it.target.find(tx, &[by_mail])))
        .unwrap();
    assert_eq!(refused.unwrap_err().code, "schemaInvalid");
}

#[test]
fn look_ups_are_answered_in_the_order_asked() {
    let it = targeted();
    let [megan, max] = ["megan", "max"].map(|alias| it.done(create(mapped(alias))));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: max,
    });
    let linked = |target| LookupQuery::Linked { kind: USER, target };
    let matching = |anchor: &str| LookupQuery::Matching {
        kind: USER,
        attr: Attr::ALTERNATIVE_SECURITY_IDS,
        value: Value::text(anchor),
    };
    let found = it.find(&[
        matching("5::max"),
        linked(megan),
        linked(ObjectId::from_bytes([3; 16])),
        matching("5::x"),
        matching("5::megan"),
        linked(max),
    ]);
    let ids: Vec<Option<ObjectId>> = found
        .iter()
        .map(|it| it.first().map(|it| it.entry.id))
        .collect();
    assert_eq!(
        ids,
        [Some(max), Some(megan), None, None, Some(megan), Some(max)]
    );
    assert!(found[0][0].soft_deleted && found[5][0].soft_deleted && !found[1][0].soft_deleted);
}
