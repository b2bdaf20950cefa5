//! Whom the target lets in, and what it keeps for itself.

use syncline_engine::FaultKind;
use syncline_model::Attr;

use super::TargetFixture;
use super::ask::{add_manager, hard_delete, remove_manager, restore, soft_delete, update};

pub(super) fn a_target_that_lets_nobody_in_says_so(fixture: &mut dyn TargetFixture) {
    assert_eq!(fixture.permits(), Ok(()));
    fixture.permit(false);
    assert!(fixture.permits().is_err());
    fixture.permit(true);
    assert_eq!(fixture.permits(), Ok(()));
}

pub(super) fn what_the_target_made_itself_is_neither_matched_nor_changed(
    fixture: &mut dyn TargetFixture,
) {
    let own = fixture.create_own("megan");
    let before = fixture.linked(own);
    assert_eq!(fixture.matched("megan"), None);
    let max = fixture.create("max");
    let title = &[(Attr::JOB_TITLE, Some("Owned"))][..];
    let operations = [
        update(own, title),
        restore(own, title),
        add_manager(own, max),
        remove_manager(own, max),
        soft_delete(own),
        hard_delete(own),
    ];
    for operation in operations {
        let fault = fixture.fault(operation.clone());
        assert_eq!(fault.kind, FaultKind::Forbidden, "{operation:?} {fault:?}");
    }
    assert_eq!(fixture.linked(own), before);
    // It stands in nobody's way either.
    let megan = fixture.create("megan");
    assert_eq!(fixture.matched("megan"), fixture.linked(megan));
}
