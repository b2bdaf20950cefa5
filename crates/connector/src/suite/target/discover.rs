//! Account discovery, of targets that can tell what came from the source.

use syncline_engine::TargetObject;
use syncline_model::{Attr, EntityKind, ObjectId};

use super::TargetFixture;
use super::ask::{USER, hard_delete, restore, soft_delete};

fn ids(found: &[TargetObject]) -> Vec<ObjectId> {
    found.iter().map(|it| it.entry.id).collect()
}

pub(super) fn whoever_came_from_the_source_is_discovered_page_by_page(
    fixture: &mut dyn TargetFixture,
) {
    if fixture.discover(USER, 10).is_none() {
        return;
    }
    let mut expected = ["ana", "bo", "cleo"].map(|alias| fixture.create(alias));
    expected.sort();
    for limit in [1, 2, 3, 10] {
        let found = fixture.discover(USER, limit).expect("it could tell before");
        assert_eq!(ids(&found), expected, "{limit} at once");
        for object in &found {
            let whole = fixture.present(object.entry.id);
            for attr in [Attr::USER_PRINCIPAL_NAME, Attr::DISPLAY_NAME] {
                assert_eq!(object.entry.get(attr), whole.entry.get(attr));
            }
        }
    }
    let groups = fixture
        .discover(EntityKind::Group, 10)
        .expect("it could tell before");
    assert_eq!(ids(&groups), []);
}

pub(super) fn what_the_target_made_or_has_in_its_recycle_bin_is_not_discovered(
    fixture: &mut dyn TargetFixture,
) {
    if fixture.discover(USER, 10).is_none() {
        return;
    }
    fixture.create_own("megan");
    let [ana, bo] = ["ana", "bo"].map(|alias| fixture.create(alias));
    let mut both = [ana, bo];
    both.sort();
    for (operation, then) in [
        (None, &both[..]),
        (Some(soft_delete(ana)), &[bo]),
        (Some(restore(ana, &[])), &both),
        (Some(hard_delete(ana)), &[bo]),
    ] {
        if let Some(operation) = operation {
            fixture.done(operation);
        }
        for limit in [1, 10] {
            let found = fixture.discover(USER, limit).expect("it could tell before");
            assert_eq!(ids(&found), then);
        }
    }
}
