//! The provisioning log and the on-demand answer.

use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::schema::FlowTypes;
use syncline_engine::steps::{self, ProvisioningStep};
use syncline_engine::{Evidence, Failure};
use syncline_model::{Attr, ObjectId, b2b};

use crate::scoping::filter;
use crate::support::{ADELE, Person, World, anchor_of, id, person, rule_with};

fn evidence(world: &World, source: Person) -> Evidence {
    world.decide(&source.0).evidence
}

fn pairs(step: &ProvisioningStep) -> Vec<(&str, &str)> {
    step.details
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

fn names(steps: &[ProvisioningStep]) -> Vec<(&str, &str, &str)> {
    steps
        .iter()
        .map(|step| (step.name, step.step_type, step.status))
        .collect()
}

fn marketing() -> World {
    World::with_rule(rule_with(|mapping| {
        mapping.scope = Some(filter(&[(
            "Marketing department filter",
            &[("department", "EQUALS", &["Marketing"])],
        )]));
    }))
}

#[test]
fn the_log_of_a_created_user() {
    let evidence = evidence(&marketing(), person());
    let steps = steps::log(&evidence);
    assert_eq!(
        names(&steps),
        [
            ("EntryImportAdd", "import", "success"),
            ("EntrySynchronizationScoping", "scoping", "success"),
            ("EntryImportObjectNotFound", "matching", "success"),
            ("EntrySynchronizationAdd", "matching", "success"),
            ("EntryExportAdd", "export", "success"),
        ]
    );
    assert_eq!(
        steps[0].description,
        "Received User 'adele@fabrikam.example' change of type (Add) from Azure Active Directory"
    );
    let object_id = id(ADELE).to_string();
    let net_id = b2b::net_id(id(ADELE));
    assert_eq!(
        pairs(&steps[0]),
        [
            ("objectId", object_id.as_str()),
            ("accountEnabled", "True"),
            ("department", "Marketing"),
            ("displayName", "Adele Vance"),
            ("mailNickname", "adele"),
            ("userPrincipalName", "adele@fabrikam.example"),
            ("netId", net_id.as_str()),
            ("showInAddressList", ""),
            ("alternativeSecurityIds", "None"),
            ("IsSoftDeleted", "False"),
            ("appRoleAssignments", "msiam_access"),
        ]
    );
    assert_eq!(
        steps[1].description,
        "Determine if User in scope by evaluating against each scoping filter"
    );
    assert_eq!(
        pairs(&steps[1]),
        [
            ("Active in the source system", "True"),
            ("Assigned to the application", "True"),
            ("User has the required role", "True"),
            ("Scoping filter evaluation passed", "True"),
            (
                "ScopeEvaluationResult",
                r#"{"Marketing department filter.department EQUALS 'Marketing'":true}"#
            ),
        ]
    );
    assert_eq!(
        pairs(&steps[2])[0],
        ("JoiningProperty", "alternativeSecurityIds")
    );
    assert_eq!(pairs(&steps[2])[1].1, anchor_of(ADELE));
    let export = pairs(&steps[4]);
    assert!(
        export.contains(&("alternativeSecurityIds", "(1 values)")),
        "{export:?}"
    );
    assert!(export.contains(&(
        "ReportableIdentifier",
        "adele_fabrikam.example#EXT#@contoso.onmicrosoft.example"
    )));
    assert_eq!(steps::provisioning_action(&evidence), "create");
    assert_eq!(steps::status(&evidence), "success");
    assert_eq!(steps::error_information(&evidence), None);
}

#[test]
fn without_a_filter_the_evaluation_is_empty() {
    let steps = steps::log(&evidence(&World::new(), person()));
    assert_eq!(pairs(&steps[1])[4], ("ScopeEvaluationResult", "{}"));
}

#[test]
fn further_mapped_attributes_are_imported_when_they_have_a_value() {
    let evidence = evidence(
        &World::new(),
        person()
            .with(Attr::OFFICE_LOCATION, "18")
            .with(Attr::CITY, "Bern"),
    );
    let names: Vec<&str> = evidence
        .imported
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names[11..], ["city", "physicalDeliveryOfficeName"]);
}

#[test]
fn the_on_demand_answer_of_somebody_not_assigned() {
    let evidence = evidence(&World::new(), person().unassigned());
    let steps = steps::on_demand(&evidence);
    assert_eq!(
        names(&steps),
        [
            ("EntryImportAdd", "Import", "Success"),
            ("EntrySynchronizationScoping", "Scoping", "Skipped"),
            ("EntrySynchronizationSkip", "Export", "Skipped"),
        ]
    );
    assert_eq!(
        pairs(&steps[1]),
        [
            ("IsActive", "True"),
            ("Assigned", "False"),
            ("IsEffectivelyEntitledForProvisioning", "False"),
            ("IsInProvisioningScopeDisplayName", "True"),
            ("ScopeEvaluationResult", "{}"),
            ("SkipReason", "NotEffectivelyEntitled"),
        ]
    );
    assert_eq!(
        pairs(&steps[2]),
        [
            ("SkipReason", "NotEffectivelyEntitled"),
            ("ReportableIdentifier", "adele@fabrikam.example")
        ]
    );
    assert_eq!(steps::provisioning_action(&evidence), "other");
    assert_eq!(steps::status(&evidence), "skipped");
    let error = steps::error_information(&evidence).unwrap();
    assert_eq!(
        (error.error_code.as_str(), error.error_category),
        ("NotEffectivelyEntitled", "nonServiceFailure")
    );
    assert!(
        error.recommended_action.contains("Assign"),
        "{}",
        error.recommended_action
    );
}

#[test]
fn nothing_to_change() {
    let evidence = evidence(&World::new().synchronized(), person());
    let steps = steps::log(&evidence);
    assert_eq!(
        names(&steps),
        [
            ("EntryImportUpdate", "import", "success"),
            ("EntrySynchronizationScoping", "scoping", "success"),
            ("EntryImport", "matching", "success"),
            ("EntrySynchronizationSkip", "processing", "skipped"),
        ]
    );
    assert_eq!(pairs(&steps[3])[0], ("SkipReason", "RedundantExport"));
    assert_eq!(
        steps::error_information(&evidence).unwrap().error_code,
        "RedundantExport"
    );
}

#[test]
fn an_update_shows_old_and_new() {
    let evidence = evidence(
        &World::new().synchronized(),
        person().with(Attr::DEPARTMENT, "Sales"),
    );
    let [only] = evidence.modified.as_slice() else {
        panic!("{:?}", evidence.modified)
    };
    assert_eq!(
        (only.name.as_str(), only.old.as_deref(), only.new.as_deref()),
        ("department", Some("Marketing"), Some("Sales"))
    );
    assert_eq!(steps::provisioning_action(&evidence), "update");
    let names = steps::log(&evidence)
        .iter()
        .map(|step| step.name)
        .collect::<Vec<_>>();
    assert_eq!(
        names[3..],
        ["EntrySynchronizationUpdate", "EntryExportUpdate"]
    );
}

#[test]
fn actions_and_export_steps() {
    let linked = || World::new().synchronized();
    for (world, source, action, export) in [
        (
            linked(),
            person().disabled(),
            "disable",
            "EntryExportDisable",
        ),
        (
            linked(),
            person().unassigned(),
            "delete",
            "EntryExportDelete",
        ),
        (linked(), person().deleted(), "delete", "EntryExportDelete"),
        (
            linked(),
            person().deleted_for_good(),
            "delete",
            "EntryExportDelete",
        ),
        (
            linked().in_recycle_bin(),
            person(),
            "update",
            "EntryExportUpdate",
        ),
    ] {
        let evidence = evidence(&world, source);
        assert_eq!(steps::provisioning_action(&evidence), action);
        assert_eq!(steps::log(&evidence).last().unwrap().name, export);
        assert_eq!(steps::status(&evidence), "success");
    }
}

#[test]
fn a_held_removal_is_staged() {
    let mut evidence = evidence(&World::new().synchronized(), person().unassigned());
    evidence.outcome = EvidenceOutcome::Staged;
    assert_eq!(steps::provisioning_action(&evidence), "stagedDelete");
    assert_eq!(steps::status(&evidence), "warning");
    assert!(
        steps::log(&evidence)
            .iter()
            .all(|step| step.step_type != "export"),
        "nothing was written"
    );
}

#[test]
fn what_is_held_is_told_as_what_it_would_be() {
    let world = World::new().synchronized();
    for (source, name, said) in [
        (
            person().disabled(),
            "EntrySynchronizationUpdate",
            "The disabling of User",
        ),
        (
            person().deleted(),
            "EntrySynchronizationDelete",
            "The removal of User",
        ),
        (
            person().deleted_for_good(),
            "EntrySynchronizationDelete",
            "The removal of User",
        ),
    ] {
        let mut evidence = evidence(&world, source);
        evidence.outcome = EvidenceOutcome::Staged;
        assert_eq!(steps::provisioning_action(&evidence), "stagedDelete");
        let step = steps::log(&evidence).pop().unwrap();
        assert_eq!(step.name, name);
        assert!(step.description.starts_with(said), "{}", step.description);
        assert!(step.description.contains("threshold is met"));
        // Before a cycle has counted it, nobody knows.
        evidence.outcome = EvidenceOutcome::PutAside;
        assert_eq!(steps::provisioning_action(&evidence), "stagedDelete");
        let step = steps::log(&evidence).pop().unwrap();
        assert_eq!(step.name, name);
        assert!(step.description.starts_with(said), "{}", step.description);
        assert!(step.description.contains("is left to the next cycle"));
    }
}

#[test]
fn a_write_the_target_refused() {
    let decision = World::new()
        .decide(&person().0)
        .failed(Failure::new("Conflict", "the name is taken"));
    let evidence = decision.evidence;
    assert_eq!(steps::provisioning_action(&evidence), "create");
    assert_eq!(steps::status(&evidence), "failure");
    let export = steps::log(&evidence).pop().unwrap();
    assert_eq!(
        (export.name, export.step_type, export.status),
        ("EntryExportAdd", "export", "failure")
    );
    assert!(export.description.contains("the name is taken"));
    let error = steps::error_information(&evidence).unwrap();
    assert_eq!(
        (error.error_code.as_str(), error.reason.as_str()),
        ("Conflict", "the name is taken")
    );
    assert!(!error.recommended_action.is_empty());
    assert!(decision.references.is_empty());
}

#[test]
fn an_ambiguous_match() {
    let evidence = evidence(
        &World::new().invited_earlier(5).invited_earlier(6),
        person(),
    );
    assert_eq!(steps::status(&evidence), "failure");
    let last = steps::log(&evidence).pop().unwrap();
    assert_eq!((last.step_type, last.status), ("processing", "failure"));
    assert!(
        last.description.contains(&id(5).to_string()),
        "{}",
        last.description
    );
}

#[test]
fn released_objects_say_why_nothing_is_deleted() {
    let world = World::with_rule(rule_with(|mapping| {
        mapping.flow_types = FlowTypes("Add,Update".to_owned())
    }));
    let evidence = evidence(&world.synchronized(), person().unassigned());
    assert_eq!(
        (
            steps::provisioning_action(&evidence),
            steps::status(&evidence)
        ),
        ("other", "skipped")
    );
    assert_eq!(
        steps::error_information(&evidence).unwrap().error_code,
        "EntrySynchronizationSkipped"
    );
}

#[test]
fn references_have_their_own_step() {
    let mut evidence = evidence(&World::new(), person().managed_by(id(9)));
    evidence.references = vec![ReferenceEvidence {
        name: "manager".into(),
        source: Some(id(9)),
        state: ReferenceState::Waiting,
        fills: false,
    }];
    let step = steps::log(&evidence).pop().unwrap();
    assert_eq!(
        (step.name, step.step_type, step.status),
        ("ReferenceResolution", "referenceResolution", "warning")
    );
    assert!(pairs(&step)[0].1.contains(&id(9).to_string()));
    assert_eq!(steps::status(&evidence), "success", "the user was created");
    evidence.outcome = EvidenceOutcome::ReferencesOnly;
    assert_eq!(steps::status(&evidence), "warning");
}

#[test]
fn many_members_are_told_in_one_detail() {
    let mut evidence = evidence(&World::new(), person());
    let member = |number: u128, state: fn(ObjectId) -> ReferenceState| ReferenceEvidence {
        name: "members".into(),
        source: None,
        state: state(id(number)),
        fills: false,
    };
    evidence.references = vec![
        member(1, ReferenceState::Set),
        member(2, ReferenceState::Removed),
        member(3, ReferenceState::Set),
    ];
    let step = steps::log(&evidence).pop().unwrap();
    assert_eq!(step.description, "3 references are written");
    let told = format!("set to {}, {}; removed, was {}", id(1), id(3), id(2));
    assert_eq!(pairs(&step), [("members", told.as_str())]);

    evidence.references = (0..250)
        .map(|number| member(number, ReferenceState::Set))
        .collect();
    let step = steps::log(&evidence).pop().unwrap();
    assert_eq!(step.description, "250 references are written");
    let details = pairs(&step);
    assert!(details[0].1.ends_with(" and 150 more"), "{details:?}");
    assert_eq!(details[0].1.matches(", ").count(), 99);
}

#[test]
fn sync_all_explains_why_somebody_unassigned_is_in_scope() {
    let steps = steps::log(&evidence(&World::new().sync_all(), person().unassigned()));
    let details = pairs(&steps[1]);
    assert!(details.contains(&("Assigned to the application", "False")));
    assert!(details.contains(&("Scope sync all", "True")));
    assert!(details.contains(&("User has the required role", "True")));
}
