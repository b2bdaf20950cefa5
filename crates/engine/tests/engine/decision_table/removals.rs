//! The rows about those who leave, and who come back.

use super::*;

#[test]
fn leaving() {
    let linked = || World::new().synchronized();
    let filtered = || {
        let mut world = marketing_only();
        world = world.synchronized();
        world
    };
    check(vec![
        row("unassigned", person().unassigned(), linked(), "soft delete"),
        row(
            "fails the filter",
            person().with(Attr::DEPARTMENT, "Sales"),
            filtered(),
            "soft delete",
        ),
        row("deleted", person().deleted(), linked(), "soft delete"),
        row(
            "deleted for good",
            person().deleted_for_good(),
            linked(),
            "hard delete",
        ),
        row(
            "became a guest",
            person().with(Attr::USER_TYPE, "Guest"),
            linked(),
            "soft delete",
        ),
        row(
            "disabled first, unassigned later",
            person().disabled().unassigned(),
            linked().target_has(Attr::ACCOUNT_ENABLED, false),
            "soft delete",
        ),
        row(
            "unassigned, target vanished",
            person().unassigned(),
            linked().target_gone(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "deleted for good, target vanished",
            person().deleted_for_good(),
            linked().target_gone(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "unassigned, deleted in the target already",
            person().unassigned(),
            linked().in_recycle_bin(),
            "unchanged",
        ),
    ]);
}

#[test]
fn after_a_soft_delete() {
    let deleted = || {
        World::new()
            .synchronized()
            .in_recycle_bin()
            .link_state(LinkState::SoftDeleted)
    };
    check(vec![
        row(
            "still unassigned",
            person().unassigned(),
            deleted(),
            "unchanged",
        ),
        row("assigned again", person(), deleted(), "restore"),
        row(
            "assigned again and changed",
            person().with(Attr::CITY, "Bern"),
            deleted(),
            "restore city",
        ),
        row(
            "assigned again, now disabled",
            person().disabled(),
            deleted(),
            "restore accountEnabled",
        ),
        row(
            "deleted for good",
            person().deleted_for_good(),
            deleted(),
            "hard delete",
        ),
        row(
            "restored by the target's admin, still unassigned",
            person().unassigned(),
            World::new()
                .synchronized()
                .link_state(LinkState::SoftDeleted),
            "soft delete",
        ),
        row(
            "restored by the target's admin, wanted again",
            person(),
            World::new()
                .synchronized()
                .link_state(LinkState::SoftDeleted),
            "unchanged (adopting)",
        ),
        row(
            "removed for good in the target, wanted again",
            person(),
            deleted().target_gone(),
            "create",
        ),
    ]);
}

#[test]
fn deletions_switched_off() {
    let keeping = || World::new().synchronized().keeping_out_of_scope();
    let delete_off = || flowing("Add, Update").synchronized();
    let unmapped = || without_soft_deletes().synchronized();
    let released = |world: World| world.link_state(LinkState::Released);
    check(vec![
        row(
            "SkipOutOfScopeDeletions, unassigned",
            person().unassigned(),
            keeping(),
            "release",
        ),
        row(
            "SkipOutOfScopeDeletions, deleted",
            person().deleted(),
            keeping(),
            "soft delete",
        ),
        row(
            "SkipOutOfScopeDeletions, deleted for good",
            person().deleted_for_good(),
            keeping(),
            "hard delete",
        ),
        row(
            "Delete off, unassigned",
            person().unassigned(),
            delete_off(),
            "release",
        ),
        row(
            "Delete off, deleted",
            person().deleted(),
            delete_off(),
            "release",
        ),
        row(
            "Delete off, deleted for good",
            person().deleted_for_good(),
            delete_off(),
            "release",
        ),
        row(
            "IsSoftDeleted not mapped, unassigned",
            person().unassigned(),
            unmapped(),
            "release",
        ),
        row(
            "IsSoftDeleted not mapped, deleted",
            person().deleted(),
            unmapped(),
            "release",
        ),
        row(
            "IsSoftDeleted not mapped, deleted for good",
            person().deleted_for_good(),
            unmapped(),
            "hard delete",
        ),
        row(
            "released, still out",
            person().unassigned(),
            released(keeping()),
            "unchanged",
        ),
        row(
            "released, then deleted",
            person().deleted(),
            released(keeping()),
            "soft delete",
        ),
        row(
            "released, then deleted for good",
            person().deleted_for_good(),
            released(keeping()),
            "hard delete",
        ),
        row(
            "released with Delete off, then deleted",
            person().deleted(),
            released(delete_off()),
            "unchanged",
        ),
        row(
            "released, back in scope",
            person(),
            released(keeping()),
            "unchanged (adopting)",
        ),
        row(
            "released, back in scope and changed",
            person().with(Attr::CITY, "Bern"),
            released(keeping()),
            "update city (adopting)",
        ),
    ]);
}

#[test]
fn a_soft_delete_can_be_asked_for_by_expression() {
    // Disabled people leave the target.
    let world = || asking_soft_delete("accountEnabled");
    let kept = || world().keeping_out_of_scope().synchronized();
    check(vec![
        row("enabled", person(), world(), "create"),
        row(
            "disabled",
            person().disabled(),
            world().synchronized(),
            "soft delete",
        ),
        row(
            "unassigned",
            person().unassigned(),
            world().synchronized(),
            "soft delete",
        ),
        row(
            "nothing changed",
            person(),
            world().synchronized(),
            "unchanged",
        ),
        row(
            "disabled, SkipOutOfScopeDeletions",
            person().disabled(),
            kept(),
            "release",
        ),
        row(
            "the same, once she was released",
            person().disabled(),
            kept().link_state(LinkState::Released),
            "unchanged",
        ),
    ]);
}

#[test]
fn removals_are_told_apart_for_the_gate() {
    let linked = || World::new().synchronized();
    let removal = |source: Person, world: World| world.decide(&source.0).action.is_removal();
    assert!(removal(person().disabled(), linked()));
    assert!(removal(
        person().disabled().with(Attr::CITY, "Bern"),
        linked()
    ));
    assert!(removal(person().unassigned(), linked()));
    assert!(removal(person().deleted_for_good(), linked()));
    assert!(!removal(person().with(Attr::CITY, "Bern"), linked()));
    assert!(!removal(
        person(),
        linked().target_has(Attr::ACCOUNT_ENABLED, false)
    ));
}
