//! One row per situation: source object, what the job remembers, the target, and what is done.

mod anew;
mod groups;
mod removals;

use syncline_engine::Action;
use syncline_engine::schema::FlowTypes;
use syncline_model::Attr;
use syncline_model::link::LinkState;

use crate::support::{ADELE, Person, World, expression, id, mapped, person, rule_with, words};

struct Row {
    situation: &'static str,
    source: Person,
    world: World,
    expected: &'static str,
}

fn row(situation: &'static str, source: Person, world: World, expected: &'static str) -> Row {
    Row {
        situation,
        source,
        world,
        expected,
    }
}

fn check(rows: Vec<Row>) {
    for row in rows {
        let decision = row.world.decide(&row.source.0);
        assert_eq!(words(&decision), row.expected, "{}", row.situation);
        assert_eq!(decision.source, id(ADELE));
    }
}

fn flowing(flow_types: &str) -> World {
    let flow_types = FlowTypes(flow_types.to_owned());
    World::with_rule(rule_with(|mapping| mapping.flow_types = flow_types))
}

fn marketing_only() -> World {
    World::with_rule(rule_with(|mapping| {
        mapping.scope = Some(crate::scoping::filter(&[(
            "Marketing department filter",
            &[("department", "EQUALS", &["Marketing"])],
        )]));
    }))
}

/// Nothing asks for soft deletes.
fn without_soft_deletes() -> World {
    World::with_rule(rule_with(|mapping| {
        mapping
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("IsSoftDeleted"));
    }))
}

/// A soft delete is asked for as well when this attribute is `False` or `Leaving`.
fn asking_soft_delete(attribute: &str) -> World {
    mapped("IsSoftDeleted", |it| {
        it.source = Some(expression(&format!(
            r#"Switch([{attribute}], [IsSoftDeleted], "False", "True", "Leaving", "True")"#
        )));
    })
}

#[test]
fn never_linked() {
    let new = World::new;
    check(vec![
        row("in scope, no match", person(), new(), "create"),
        row(
            "everyone in scope, not assigned",
            person().unassigned(),
            new().sync_all(),
            "create",
        ),
        row(
            "unassigned",
            person().unassigned(),
            new(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "disabled",
            person().disabled(),
            new(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "deleted",
            person().deleted(),
            new(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "deleted for good",
            person().deleted_for_good(),
            new(),
            "skip NotEffectivelyEntitled",
        ),
        row("passes the filter", person(), marketing_only(), "create"),
        row(
            "fails the filter",
            person().with(Attr::DEPARTMENT, "Sales"),
            marketing_only(),
            "skip NotInProvisioningScope",
        ),
        row(
            "fails the filter with Sync All",
            person().with(Attr::DEPARTMENT, "Sales"),
            marketing_only().sync_all(),
            "skip NotInProvisioningScope",
        ),
        row(
            "object mapping off",
            person(),
            World::with_rule(rule_with(|mapping| mapping.enabled = false)),
            "skip EntityTypeNotSupported",
        ),
        row(
            "Create off",
            person(),
            flowing("Update, Delete"),
            "skip ActionDisabled",
        ),
        row(
            "nothing allowed",
            person(),
            flowing("None"),
            "skip ActionDisabled",
        ),
        row(
            "wanted, but asked to leave",
            person().with(Attr::DEPARTMENT, "Leaving"),
            asking_soft_delete("department"),
            "skip NotEffectivelyEntitled",
        ),
    ]);
}

#[test]
fn external_users_and_internal_guests_are_never_sources() {
    let world = || World::new().sync_all();
    check(vec![
        row(
            "invited",
            person().with(Attr::CREATION_TYPE, "Invitation"),
            world(),
            "skip ExternalUser",
        ),
        row(
            "invitation pending",
            person().with(Attr::EXTERNAL_USER_STATE, "PendingAcceptance"),
            world(),
            "skip ExternalUser",
        ),
        row(
            "external name",
            person().with(
                Attr::USER_PRINCIPAL_NAME,
                "a_b.example#EXT#@fabrikam.example",
            ),
            world(),
            "skip ExternalUser",
        ),
        row(
            "synchronized here from elsewhere",
            person().with(Attr::HOME_TENANT_ID, syncline_model::Value::Guid(id(9).0)),
            world(),
            "skip ExternalUser",
        ),
        row(
            "external member",
            person()
                .with(Attr::CREATION_TYPE, "Invitation")
                .with(Attr::USER_TYPE, "Member"),
            world(),
            "skip ExternalUser",
        ),
        row(
            "internal guest",
            person().with(Attr::USER_TYPE, "Guest"),
            world(),
            "skip InternalGuest",
        ),
        row(
            "no userType is a member",
            person().without(Attr::USER_TYPE),
            world(),
            "create",
        ),
    ]);
}

#[test]
fn matching() {
    let invited = || World::new().invited_earlier(77);
    check(vec![
        row(
            "one match",
            person(),
            invited(),
            "update department, displayName, showInAddressList (adopting)",
        ),
        row(
            "one match in the recycle bin",
            person(),
            invited().in_recycle_bin(),
            "restore department, displayName, showInAddressList (adopting)",
        ),
        row(
            "one match, disabled source",
            person().disabled(),
            invited(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "one match, held by another source object",
            person(),
            invited().held_by(0xb0b),
            "fail DuplicateSourceEntries",
        ),
        row(
            "two matches",
            person(),
            invited().invited_earlier(78),
            "fail DuplicateTargetEntries",
        ),
    ]);
}

#[test]
fn a_duplicate_names_who_holds_the_target_object() {
    let decision = World::new()
        .invited_earlier(77)
        .held_by(0xb0b)
        .decide(&person().0);
    let Action::Fail(failure) = decision.action else {
        panic!("{:?}", decision.action)
    };
    assert!(
        failure.reason.contains(&id(0xb0b).to_string()),
        "{}",
        failure.reason
    );
    assert!(
        failure.reason.contains(&id(77).to_string()),
        "{}",
        failure.reason
    );
    assert!(!failure.transient);
}

#[test]
fn linked_and_wanted() {
    let linked = || World::new().synchronized();
    check(vec![
        row("nothing changed", person(), linked(), "unchanged"),
        row(
            "department changed",
            person().with(Attr::DEPARTMENT, "Sales"),
            linked(),
            "update department",
        ),
        row(
            "department cleared",
            person().without(Attr::DEPARTMENT),
            linked(),
            "update department",
        ),
        row(
            "disabled in the source",
            person().disabled(),
            linked(),
            "disable",
        ),
        row(
            "disabled, and something else",
            person().disabled().with(Attr::CITY, "Bern"),
            linked(),
            "update accountEnabled, city",
        ),
        row(
            "disabled, where the target has no word on it: nothing is switched off",
            person().disabled(),
            linked().target_has_no(Attr::ACCOUNT_ENABLED),
            "update accountEnabled",
        ),
        row(
            "enabled again",
            person(),
            linked().target_has(Attr::ACCOUNT_ENABLED, false),
            "update accountEnabled",
        ),
        row(
            "changed by the target's admin",
            person(),
            linked().target_has(Attr::CITY, "Nice"),
            "update city",
        ),
        row(
            "deleted by the target's admin",
            person(),
            linked().in_recycle_bin(),
            "restore",
        ),
        row(
            "target object vanished",
            person(),
            linked().target_gone(),
            "create",
        ),
        row(
            "vanished, another matches",
            person(),
            linked().target_gone().invited_earlier(80),
            "update department, displayName, showInAddressList (adopting)",
        ),
        row(
            "vanished while disabled",
            person().disabled(),
            linked().target_gone(),
            "skip NotEffectivelyEntitled",
        ),
    ]);
}

#[test]
fn update_switched_off() {
    let linked = || flowing("Add, Delete").synchronized();
    check(vec![
        row(
            "changed",
            person().with(Attr::CITY, "Bern"),
            linked(),
            "skip ActionDisabled",
        ),
        row("not changed", person(), linked(), "unchanged"),
        row("unassigned", person().unassigned(), linked(), "soft delete"),
        row(
            "matched",
            person(),
            flowing("Add, Delete").invited_earlier(5),
            "unchanged (adopting)",
        ),
        row(
            "changed, and in the recycle bin",
            person().with(Attr::CITY, "Bern"),
            linked().in_recycle_bin(),
            "restore",
        ),
    ]);
}

#[test]
fn only_delete_is_on() {
    let in_bin = || {
        let mut world = World::new().synchronized().in_recycle_bin();
        world.rule = flowing("Delete").rule;
        world
    };
    check(vec![
        row(
            "wanted, in the recycle bin",
            person(),
            in_bin(),
            "skip ActionDisabled",
        ),
        row(
            "unassigned, in the recycle bin",
            person().unassigned(),
            in_bin(),
            "unchanged",
        ),
    ]);
}
