//! Look-ups.

use syncline_engine::LookupQuery;
use syncline_model::{Attr, EntityKind, ObjectId};

use super::TargetFixture;
use super::ask::{USER, nobody};

pub(super) fn look_ups_are_answered_in_the_order_asked(fixture: &mut dyn TargetFixture) {
    assert!(fixture.find(&[]).is_empty());
    let [megan, max] = ["megan", "max"].map(|alias| fixture.create(alias));
    let linked = |target| LookupQuery::Linked { kind: USER, target };
    let found = fixture.find(&[
        fixture.matching("max"),
        linked(megan),
        linked(nobody()),
        fixture.matching("nobody"),
        fixture.matching("megan"),
        // Twice the same, by both ways.
        linked(max),
        linked(max),
        fixture.matching("max"),
    ]);
    let ids: Vec<Vec<ObjectId>> = found
        .iter()
        .map(|found| found.iter().map(|it| it.entry.id).collect())
        .collect();
    let (megan, max, none) = (vec![megan], vec![max], Vec::new());
    let expected = [&max, &megan, &none, &none, &megan, &max, &max, &max];
    assert_eq!(ids.iter().collect::<Vec<_>>(), expected);
}

pub(super) fn objects_of_another_kind_are_not_found(fixture: &mut dyn TargetFixture) {
    let megan = fixture.create("megan");
    let kind = EntityKind::Group;
    let found = fixture.find(&[
        LookupQuery::Linked {
            kind,
            target: megan,
        },
        LookupQuery::Matching {
            kind,
            attr: Attr::ALTERNATIVE_SECURITY_IDS,
            value: fixture.mapped("megan", Attr::ALTERNATIVE_SECURITY_IDS),
        },
    ]);
    assert_eq!(found, [Vec::new(), Vec::new()]);
}
