//! A page of operations.

use syncline_engine::{FaultKind, Outcome};
use syncline_model::Attr;
use syncline_store::StoreError;

use super::TargetFixture;
use super::ask::{
    add_manager, create, hard_delete, nobody, remove_manager, restore, soft_delete, update,
};

pub(super) fn outcomes_come_in_order_one_for_each_operation(fixture: &mut dyn TargetFixture) {
    assert!(fixture.apply(&[]).is_empty());
    let aliases = ["a", "b", "c", "d", "e"];
    let operations = aliases.map(|alias| create(fixture.person(alias)));
    for (alias, outcome) in aliases.iter().zip(fixture.apply(&operations)) {
        let found = fixture.matched(alias).expect("created");
        assert_eq!(outcome, Outcome::Done(found.entry.id), "{alias}");
    }
    let ids = aliases.map(|alias| fixture.matched(alias).expect("created").entry.id);
    let mut operations = Vec::from(ids.map(|id| update(id, &[(Attr::CITY, Some("Bonn"))])));
    operations.reverse();
    let mut expected = Vec::from(ids.map(Outcome::Done));
    expected.reverse();
    assert_eq!(fixture.apply(&operations), expected);
}

pub(super) fn one_bad_operation_does_not_stop_the_others(fixture: &mut dyn TargetFixture) {
    let [megan, max] = ["megan", "max"].map(|alias| fixture.create(alias));
    let title = &[(Attr::JOB_TITLE, Some("Engineer"))][..];
    let operations = [
        create(fixture.person("first")),
        create(fixture.person("megan")),
        update(megan, title),
        update(nobody(), title),
        create(fixture.person("second")),
        // The anchor of a create of this very page.
        create(fixture.person("first")),
        restore(nobody(), title),
        add_manager(max, nobody()),
        add_manager(max, megan),
        remove_manager(nobody(), megan),
        create(fixture.person("third")),
    ];
    let outcomes = fixture.apply(&operations);
    let kinds: Vec<Option<FaultKind>> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Done(_) | Outcome::Stands(_) => None,
            Outcome::Failed(fault) => Some(fault.kind),
        })
        .collect();
    let (conflict, not_found) = (Some(FaultKind::Conflict), Some(FaultKind::NotFound));
    assert_eq!(
        kinds,
        [
            None, conflict, None, not_found, None, conflict, not_found, not_found, None, not_found,
            None
        ],
        "{outcomes:?}"
    );
    for (alias, at) in [("first", 0), ("second", 4), ("third", 10)] {
        let found = fixture.matched(alias).expect("created");
        assert_eq!(Outcome::Done(found.entry.id), outcomes[at], "{alias}");
    }
    assert_eq!(
        fixture.present(megan).entry.text(Attr::JOB_TITLE),
        Some("Engineer")
    );
    assert_eq!(
        fixture.present(max).references,
        [(Attr::MANAGER, vec![megan])]
    );
}

pub(super) fn an_operation_sees_what_those_before_it_did(fixture: &mut dyn TargetFixture) {
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|alias| fixture.create(alias));
    let name = |alias: &str| {
        let name = fixture.mapped(alias, Attr::USER_PRINCIPAL_NAME);
        name.as_text().expect("a name is text").to_owned()
    };
    let outcomes = fixture.apply(&[
        // The first frees the name that the second takes.
        update(megan, &[(Attr::USER_PRINCIPAL_NAME, Some(&name("spare")))]),
        update(max, &[(Attr::USER_PRINCIPAL_NAME, Some(&name("megan")))]),
        update(max, &[(Attr::CITY, Some("Bonn"))]),
        update(max, &[(Attr::CITY, Some("Rome"))]),
        add_manager(max, megan),
        add_manager(max, moritz),
        hard_delete(moritz),
        create(fixture.person("moritz")),
        update(moritz, &[(Attr::CITY, Some("Rome"))]),
        soft_delete(megan),
        restore(megan, &[]),
    ]);
    for (at, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Done(_) | Outcome::Stands(_) => {
                assert_ne!(at, 8, "moritz was deleted: {outcomes:?}")
            }
            Outcome::Failed(fault) => assert_eq!((at, fault.kind), (8, FaultKind::NotFound)),
        }
    }
    let max = fixture.present(max);
    assert_eq!(max.entry.text(Attr::CITY), Some("Rome"));
    let max_name = max.entry.text(Attr::USER_PRINCIPAL_NAME);
    assert_eq!(max_name, Some(name("megan").as_str()));
    assert!(
        max.references.is_empty(),
        "the manager was deleted: {max:?}"
    );
    assert!(!fixture.present(megan).soft_deleted);
    let again = fixture.matched("moritz").expect("created again");
    assert_ne!(again.entry.id, moritz);
}

pub(super) fn what_a_page_wrote_goes_with_its_transaction_or_stays(
    fixture: &mut dyn TargetFixture,
) {
    let target = fixture.target();
    let operation = create(fixture.person("megan"));
    let rolled_back = fixture.store().write(|page| {
        let outcomes = target.apply(page, &[operation]);
        assert!(
            matches!(outcomes.as_deref(), Ok([Outcome::Done(_)])),
            "{outcomes:?}"
        );
        let stopped = std::io::Error::other("the page is given up");
        Err::<(), StoreError>(StoreError::File(stopped))
    });
    assert!(rolled_back.is_err());
    let stays = !target.capability().transactional;
    assert_eq!(fixture.matched("megan").is_some(), stays);
}
