//! References to managers.

use syncline_engine::{FaultKind, Operation};
use syncline_model::{Attr, ObjectId};
use syncline_store::ObjectState;

use super::{USER, create, mapped, targeted};
use crate::deleted_items::{give_password, has_password};

#[test]
fn a_manager_is_replaced_and_only_the_named_one_is_removed() {
    let it = targeted();
    let [megan, max, moritz] =
        ["megan", "max", "moritz"].map(|alias| it.done(create(mapped(alias))));
    let reference = |to, add| match add {
        true => Operation::AddReference {
            kind: USER,
            target: megan,
            attr: Attr::MANAGER,
            to,
        },
        false => Operation::RemoveReference {
            kind: USER,
            target: megan,
            attr: Attr::MANAGER,
            to,
        },
    };
    let manager = || {
        it.matching("5::megan")[0]
            .references
            .first()
            .map(|(_, to)| to[0])
    };
    it.done(reference(max, true));
    assert_eq!(manager(), Some(max));
    it.done(reference(moritz, true));
    assert_eq!(manager(), Some(moritz));
    it.done(reference(max, false));
    assert_eq!(manager(), Some(moritz));
    it.apply(&[reference(moritz, false), reference(max, true)]);
    assert_eq!(manager(), Some(max));
    it.done(reference(max, false));
    assert_eq!(manager(), None);
    let nobody = it.fault(reference(ObjectId::from_bytes([3; 16]), true));
    assert_eq!(nobody.kind, FaultKind::NotFound);
}

#[test]
fn a_purged_manager_is_no_reference_any_more_and_forgotten() {
    let it = targeted();
    let [megan, max] = ["megan", "max"].map(|alias| it.done(create(mapped(alias))));
    let fabrikam = it.world.fabrikam.id;
    for id in [megan, max] {
        give_password(&it.world, fabrikam, id);
    }
    it.apply(&[
        Operation::AddReference {
            kind: USER,
            target: megan,
            attr: Attr::MANAGER,
            to: max,
        },
        Operation::HardDelete {
            kind: USER,
            target: max,
        },
    ]);
    assert_eq!(it.stored(max).state, ObjectState::Purged);
    assert!(!has_password(&it.world, fabrikam, max));
    assert!(has_password(&it.world, fabrikam, megan));
    assert!(it.matching("5::megan")[0].references.is_empty());
}
