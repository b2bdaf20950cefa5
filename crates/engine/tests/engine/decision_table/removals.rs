//! The rows about those who leave, and who come back.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::{FlowType, ObjectMapping};

use super::*;
use crate::support::one;

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

/// Only whoever had been let go comes back out of scope: others were deleted because they had left it, or before anybody was
/// kept.
#[test]
fn restored_in_the_source_outside_the_scope() {
    let kept = || World::new().synchronized().keeping_out_of_scope();
    let deleted = || kept().in_recycle_bin().link_state(LinkState::SoftDeleted);
    let marked = || deleted().deleted_when_released();
    let not_kept = || {
        let mut world = marked();
        world.facts.skip_out_of_scope_deletions = false;
        world
    };
    let by_filter = || {
        let mut world = not_kept();
        world.rule = rule_with(|mapping| {
            let marketing = [("department", "EQUALS", &["Marketing"][..])];
            let filter = crate::scoping::filter(&[("Marketing", &marketing)]);
            mapping.scope.get_or_insert_default().input_filter_groups = filter.groups;
        });
        world
    };
    let only_deletes = || {
        let mut world = marked();
        world.rule = flowing("Delete").rule;
        world
    };
    let changed = || person().unassigned().with(Attr::CITY, "Bern");
    let sold = || person().with(Attr::DEPARTMENT, "Sales");
    check(vec![
        row(
            "kept, deleted, restored, still out",
            changed(),
            marked(),
            "restore (letting go)",
        ),
        row(
            "the same, out by the input filter",
            sold(),
            by_filter(),
            "restore (letting go)",
        ),
        row("never kept", changed(), deleted(), "unchanged"),
        row("not kept any more", changed(), not_kept(), "unchanged"),
        row("still deleted", person().deleted(), marked(), "unchanged"),
        row(
            "wanted again",
            person().with(Attr::CITY, "Bern"),
            marked(),
            "restore city",
        ),
        row(
            "restored by the target's admin, still out",
            changed(),
            kept().deleted_when_released(),
            "release",
        ),
        row(
            "neither Add nor Update",
            changed(),
            only_deletes(),
            "unchanged",
        ),
        row(
            "removed for good in the target",
            changed(),
            marked().target_gone(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "deleted for good",
            person().deleted_for_good(),
            marked(),
            "hard delete",
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
    let off = |world: World| world.target_has(Attr::ACCOUNT_ENABLED, false);
    let flowing = |flow_types: &str| {
        let flow_types = FlowTypes(flow_types.to_owned());
        let mut world = world();
        world.rule = rule_with(|mapping| {
            one(mapping, "IsSoftDeleted").source = Some(expression(
                r#"Switch([accountEnabled], [IsSoftDeleted], "False", "True")"#,
            ));
            mapping.flow_types = flow_types;
        });
        world.synchronized()
    };
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
            "release accountEnabled",
        ),
        row(
            "the same, with what else has changed",
            person().disabled().with(Attr::CITY, "Bern"),
            kept(),
            "release accountEnabled",
        ),
        row(
            "the same, once she was released",
            person().disabled(),
            off(kept()).link_state(LinkState::Released),
            "unchanged",
        ),
        row(
            "the same, released by a version that left her account on",
            person().disabled(),
            kept().link_state(LinkState::Released),
            "release accountEnabled",
        ),
        row(
            "enabled again",
            person(),
            off(kept()).link_state(LinkState::Released),
            "update accountEnabled (adopting)",
        ),
        row(
            "unassigned, SkipOutOfScopeDeletions",
            person().disabled().unassigned(),
            kept(),
            "release",
        ),
        row(
            "disabled, the Delete action off",
            person().disabled(),
            flowing("Add, Update"),
            "release accountEnabled",
        ),
        row(
            "disabled, the Update action off as well",
            person().disabled(),
            flowing("Add"),
            "release",
        ),
    ]);
}

/// Whoever is disabled is asked to leave, and deletions are off; by what is said of the account.
fn asked_with_account(account: &str) -> World {
    let world = World::with_rule(rule_with(|mapping| {
        one(mapping, "IsSoftDeleted").source = Some(expression(
            r#"Switch([accountEnabled], [IsSoftDeleted], "False", "True")"#,
        ));
        one(mapping, "accountEnabled").source = Some(expression(account));
    }));
    world.keeping_out_of_scope().synchronized()
}

/// He would be let go with his account on, and nobody would be told.
#[test]
fn asked_to_leave_while_the_mapping_of_the_account_fails() {
    let fails =
        || asked_with_account("IIF(IsPresent(CDate([city])), [accountEnabled], [accountEnabled])");
    let asked = || person().disabled().with(Attr::CITY, "no date");
    check(vec![
        row("live", asked(), fails(), "fail AttributeValidationFailed"),
        row(
            "let go before",
            asked(),
            fails().link_state(LinkState::Released),
            "fail AttributeValidationFailed",
        ),
        row(
            "once it does not fail",
            person().disabled().with(Attr::CITY, "2026-12-01"),
            fails(),
            "release accountEnabled",
        ),
    ]);
}

/// What tells of those who left tells of them, too.
#[test]
fn asked_to_leave_reads_as_is_soft_deleted() {
    let marking = || asked_with_account("Not([IsSoftDeleted])");
    let off = |world: World| world.target_has(Attr::ACCOUNT_ENABLED, false);
    check(vec![
        row("enabled", person(), marking(), "unchanged"),
        row(
            "asked",
            person().disabled(),
            marking(),
            "release accountEnabled",
        ),
        row(
            "once let go",
            person().disabled(),
            off(marking()).link_state(LinkState::Released),
            "unchanged",
        ),
        row(
            "asked no more",
            person(),
            off(marking()).link_state(LinkState::Released),
            "update accountEnabled (adopting)",
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
    let asked = || asking_soft_delete("accountEnabled").keeping_out_of_scope();
    assert!(removal(person().disabled(), asked().synchronized()));
    assert!(!removal(person().with(Attr::CITY, "Bern"), linked()));
    assert!(!removal(
        person(),
        linked().target_has(Attr::ACCOUNT_ENABLED, false)
    ));
}

/// Nothing is deleted, and the account says whether somebody is wanted.
fn marking_with(change: impl FnOnce(&mut ObjectMapping)) -> World {
    let world = World::with_rule(rule_with(|mapping| {
        one(mapping, "accountEnabled").source = Some(expression("Not([IsSoftDeleted])"));
        mapping
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("IsSoftDeleted"));
        change(mapping);
    }));
    world.synchronized()
}

fn marking() -> World {
    marking_with(|_| ())
}

#[test]
fn an_attribute_is_mapped_to_whether_somebody_is_wanted() {
    let released = || marking().link_state(LinkState::Released);
    let off = |world: World| world.target_has(Attr::ACCOUNT_ENABLED, false);
    check(vec![
        row("wanted", person(), marking(), "unchanged"),
        row(
            "unassigned, and changed otherwise",
            person().unassigned().with(Attr::CITY, "Bern"),
            marking(),
            "release accountEnabled",
        ),
        row(
            "deleted",
            person().deleted(),
            marking(),
            "release accountEnabled",
        ),
        row(
            "became a guest",
            person().with(Attr::USER_TYPE, "Guest"),
            marking(),
            "release accountEnabled",
        ),
        row(
            "unassigned, switched off in the target already",
            person().unassigned(),
            off(marking()),
            "release",
        ),
        row(
            "still unassigned, switched on in the target since",
            person().unassigned(),
            released(),
            "unchanged",
        ),
        row(
            "assigned again",
            person(),
            off(released()),
            "update accountEnabled (adopting)",
        ),
        row(
            "deleted for good",
            person().deleted_for_good(),
            off(released()),
            "hard delete",
        ),
        row(
            "deleted for good at once, Delete on",
            person().deleted_for_good(),
            marking(),
            "hard delete",
        ),
        row(
            "by way of `Switch`",
            person().unassigned(),
            marking_with(|it| {
                let text = r#"Switch([IsSoftDeleted], "True", "True", "False")"#;
                one(it, "accountEnabled").source = Some(expression(text));
            }),
            "release accountEnabled",
        ),
    ]);
}

#[test]
fn who_is_kept_is_not_marked() {
    let keeping = || marking().keeping_out_of_scope();
    let left_alone = || {
        marking_with(|mapping| {
            let groups =
                crate::scoping::filter(&[("early", &[("department", "EQUALS", &["Marketing"])])]);
            mapping.scope.get_or_insert_default().input_filter_groups = groups.groups;
        })
    };
    let update_off =
        || marking_with(|mapping| mapping.flow_types = FlowTypes("Add, Delete".to_owned()));
    let at_creation =
        || marking_with(|it| one(it, "accountEnabled").flow_type = FlowType::ObjectAddOnly);
    check(vec![
        row("unassigned", person().unassigned(), keeping(), "release"),
        row(
            "deleted, and nobody looked after since she was unassigned",
            person().unassigned().deleted(),
            keeping().link_state(LinkState::Released),
            "release accountEnabled",
        ),
        row(
            "left alone",
            person().with(Attr::DEPARTMENT, "Sales"),
            left_alone(),
            "release",
        ),
        row("Update off", person().unassigned(), update_off(), "release"),
        row(
            "at creation",
            person().unassigned(),
            at_creation(),
            "release",
        ),
    ]);
}

/// Whoever is deleted and purged between two cycles is seen only then.
#[test]
fn deleted_for_good_with_delete_off_an_account_is_switched_off() {
    let without_delete = |flow_types: &str| {
        let flow_types = FlowTypes(flow_types.to_owned());
        marking_with(|it| it.flow_types = flow_types)
    };
    let marking = || without_delete("Add, Update");
    let gone = || person().deleted_for_good();
    check(vec![
        row("live", gone(), marking(), "release accountEnabled"),
        row(
            "switched off already",
            gone(),
            marking().target_has(Attr::ACCOUNT_ENABLED, false),
            "release",
        ),
        row(
            "kept out of scope is kept",
            gone(),
            marking().link_state(LinkState::Released),
            "unchanged",
        ),
        row("in the bin", gone(), marking().in_recycle_bin(), "release"),
        row("Update off", gone(), without_delete("Add"), "release"),
        row(
            "nothing says so",
            gone(),
            flowing("Add, Update").synchronized(),
            "release",
        ),
    ]);
    let action = marking().decide(&gone().0).action;
    assert!(action.is_removal() && action.only_disables());
}

#[test]
fn deleting_goes_before_marking() {
    let both = |flow_types: &str| {
        World::with_rule(rule_with(|mapping| {
            mapping.flow_types = FlowTypes(flow_types.to_owned());
            one(mapping, "accountEnabled").source = Some(expression("Not([IsSoftDeleted])"));
        }))
        .synchronized()
    };
    check(vec![
        row(
            "unassigned",
            person().unassigned(),
            both("Add, Update, Delete"),
            "soft delete",
        ),
        row(
            "Delete off",
            person().unassigned(),
            both("Add, Update"),
            "release accountEnabled",
        ),
    ]);
}

#[test]
fn that_somebody_is_switched_off_is_told_and_counted() {
    let decision = marking().decide(&person().unassigned().0);
    assert!(decision.action.is_removal() && decision.action.only_disables());
    assert_eq!(decision.evidence.outcome, EvidenceOutcome::Disabled);
    let modified = &decision.evidence.modified[0];
    assert_eq!(modified.name.as_str(), "accountEnabled");
    assert_eq!(modified.new.as_deref(), Some("False"));
    let marked = marking_with(|it| {
        one(it, "accountEnabled").source = Some(expression("[accountEnabled]"));
        let text = r#"IIF([IsSoftDeleted], "gone", [department])"#;
        one(it, "department").source = Some(expression(text));
    });
    let decision = marked.decide(&person().unassigned().0);
    assert!(!decision.action.is_removal());
    let updated = EvidenceOutcome::Updated { adopted: false };
    assert_eq!(decision.evidence.outcome, updated);
}
