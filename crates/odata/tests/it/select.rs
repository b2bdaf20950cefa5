//! `$select`.

use syncline_model::{Attr, EntityKind, Schema};
use syncline_odata::{QueryOptions, Selection};

use crate::{check_problem, users};

fn select(names: &str) -> Result<Selection, syncline_model::Problem> {
    QueryOptions::parse(&format!("$select={names}"))
        .unwrap()
        .selection(users())
}

#[test]
fn without_it_the_default_set() {
    let selection = QueryOptions::default().selection(users()).unwrap();
    assert!(!selection.explicit);
    assert!(selection.contains(Attr::DISPLAY_NAME) && selection.contains(Attr::ID));
    assert!(!selection.contains(Attr::DEPARTMENT));
    assert_eq!(selection.attrs.len(), 11);
}

#[test]
fn names_in_any_case() {
    let selection = select("DisplayNAME, department ,id,id").unwrap();
    assert!(selection.explicit);
    assert_eq!(
        selection.attrs,
        [Attr::ID, Attr::DEPARTMENT, Attr::DISPLAY_NAME]
    );
}

#[test]
fn navigation_properties_for_delta() {
    let selection = select("displayName,Manager").unwrap();
    assert_eq!(selection.navigation, ["manager"]);
    let groups = Schema::core().of(EntityKind::Group);
    let selection = QueryOptions::parse("$select=members")
        .unwrap()
        .selection(groups)
        .unwrap();
    assert_eq!(selection.navigation, ["members"]);
    assert!(selection.attrs.is_empty());
}

#[test]
fn everything_but_what_only_the_engine_knows() {
    let selection = select("*").unwrap();
    assert!(selection.contains(Attr::DEPARTMENT));
    assert!(!selection.contains(Attr::NET_ID));
}

#[test]
fn casts_members_annotations_and_foreign_extensions() {
    let selection =
        select("microsoft.graph.user/mail,onPremisesExtensionAttributes/extensionAttribute1,@odata.id,extension_1_x")
            .unwrap();
    assert_eq!(
        selection.attrs,
        [Attr::MAIL, Attr::ON_PREMISES_EXTENSION_ATTRIBUTES]
    );
}

#[test]
fn unknown_names() {
    check_problem(
        select("id,shoeSize"),
        "BadRequest",
        "Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.",
    );
    check_problem(select("netId"), "BadRequest", "'netId'");
}
