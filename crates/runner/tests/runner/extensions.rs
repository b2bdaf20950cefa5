//! Directory extensions flow from a tenant into another one's.

use std::sync::Mutex;

use syncline_directory::applications;
use syncline_directory::extension_properties::{self, NewExtension};
use syncline_engine::SynchronizationSchema;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::{AttributeMapping, AttributeMappingSource};
use syncline_model::job::{CycleKind, CycleState};
use syncline_model::schema::{ExtensionProperty, ExtensionTarget, ExtensionType};
use syncline_model::{Attr, Attrs, Value};
use syncline_store::Tenant;

use crate::clocks::Stops;
use crate::world::{World, after_first_page};

/// Registers an extension on an application of its own.
pub fn register(
    world: &World,
    tenant: &Tenant,
    name: &str,
    data_type: ExtensionType,
    multi_valued: bool,
) -> ExtensionProperty {
    world.write_in(tenant, |tx, context| {
        let application = applications::create(
            tx,
            context,
            Attrs::new().with(Attr::DISPLAY_NAME, "Personnel"),
        )?;
        let new = NewExtension {
            name: name.to_owned(),
            data_type,
            multi_valued,
            targets: vec![ExtensionTarget::User, ExtensionTarget::Group],
        };
        extension_properties::create(tx, context, &application, new)
    })
}

/// Deletes it in its tenant.
pub fn delete(world: &World, tenant: &Tenant, property: &ExtensionProperty) {
    world.write_in(tenant, |tx, context| {
        extension_properties::delete(tx, context, property.application, property.id)
    });
}

/// Registers one again that was deleted.
fn register_again(
    world: &World,
    tenant: &Tenant,
    property: &ExtensionProperty,
    name: &str,
) -> ExtensionProperty {
    let again = world.write_in(tenant, |tx, context| {
        let application = property.application.to_string();
        let application = applications::find(tx, context.tenant_id(), &application)?;
        let new = NewExtension {
            name: name.to_owned(),
            data_type: ExtensionType::String,
            multi_valued: false,
            targets: vec![ExtensionTarget::User],
        };
        extension_properties::create(tx, context, &application, new)
    });
    assert_eq!(again.name, property.name);
    assert_ne!(again.attr, property.attr);
    again
}

fn map(schema: &mut SynchronizationSchema, source: AttributeMappingSource, target: &str) {
    let mapping = AttributeMapping {
        source: Some(source),
        target_attribute_name: Some(target.to_owned()),
        ..AttributeMapping::default()
    };
    schema.synchronization_rules[0].object_mappings[0]
        .attribute_mappings
        .push(mapping);
}

fn of(property: &ExtensionProperty) -> AttributeMappingSource {
    AttributeMappingSource::attribute(&property.name)
}

fn in_capitals(property: &ExtensionProperty) -> AttributeMappingSource {
    AttributeMappingSource::function("ToUpper", &[("source", of(property))])
}

fn texts(values: &[&str]) -> Value {
    Value::List(values.iter().map(|it| Value::text(*it)).collect())
}

/// Contoso's job code and skills go to Fabrikam's, whose extensions have other names and numbers.
pub struct Pair {
    pub world: World,
    code: ExtensionProperty,
    skills: ExtensionProperty,
    pub target_code: ExtensionProperty,
    target_skills: ExtensionProperty,
}

impl Pair {
    pub fn new() -> Self {
        let world = World::new();
        let (contoso, fabrikam) = (world.contoso.clone(), world.fabrikam.clone());
        let code = register(&world, &contoso, "jobCode", ExtensionType::String, false);
        let skills = register(&world, &contoso, "skills", ExtensionType::String, true);
        // The numbers of the two tenants cross over: nothing may ever be matched by number.
        let target_skills = register(&world, &fabrikam, "abilities", ExtensionType::String, true);
        let target_code = register(&world, &fabrikam, "code", ExtensionType::String, false);
        assert_eq!(
            (code.attr, skills.attr),
            (target_skills.attr, target_code.attr)
        );
        world.change_schema(|schema| {
            map(schema, in_capitals(&code), &target_code.name);
            map(schema, of(&skills), &target_skills.name);
        });
        Self {
            world,
            code,
            skills,
            target_code,
            target_skills,
        }
    }

    /// Contoso deletes its job code, and registers one of the same name again.
    pub fn code_is_another_one(&self) {
        let world = &self.world;
        delete(world, &world.contoso, &self.code);
        register_again(world, &world.contoso, &self.code, "jobCode");
    }

    #[track_caller]
    fn holds(&self, name: &str, code: Option<&str>, skills: Option<&[&str]>) {
        let live = self.world.live(name);
        let attrs = live.attrs();
        assert_eq!(
            attrs.get(self.target_code.attr),
            code.map(Value::text).as_ref()
        );
        assert_eq!(
            attrs.get(self.target_skills.attr),
            skills.map(texts).as_ref()
        );
    }
}

#[test]
fn values_are_created_changed_and_cleared() {
    let pair = Pair::new();
    let world = &pair.world;
    let ana = || world.person("ana");
    ana()
        .set(pair.code.attr, "dev")
        .set(pair.skills.attr, texts(&["Rust", "SQL"]));
    world.person("bo");
    assert_eq!(world.cycle().counts.created, 2);
    pair.holds("ana", Some("DEV"), Some(&["Rust", "SQL"]));
    pair.holds("bo", None, None);

    ana().set(pair.skills.attr, texts(&["Rust", "Go"]));
    assert_eq!(world.cycle().counts.updated, 1);
    pair.holds("ana", Some("DEV"), Some(&["Rust", "Go"]));
    let event = world.log().pop().unwrap();
    assert_eq!(event.modified.len(), 1);
    assert_eq!(event.modified[0].name, pair.target_skills.name);
    assert_eq!(event.modified[0].new.as_deref(), Some("Rust, Go"));

    ana().clear(pair.skills.attr).clear(pair.code.attr);
    assert_eq!(world.cycle().counts.updated, 1);
    pair.holds("ana", None, None);
    assert_eq!(world.cycle().counts, syncline_model::job::Counts::default());
}

#[test]
fn a_scope_may_ask_for_one() {
    let world = World::new();
    let code = register(&world, &world.contoso, "code", ExtensionType::String, false);
    world.person("ana").set(code.attr, "in");
    world.person("bo").set(code.attr, "out");
    world.person("cem");
    world.scope_to(&code.name, "in");
    assert_eq!(world.cycle().counts.created, 1);
    assert!(world.target_user("ana").is_some());
    world.person("bo").set(code.attr, "in");
    assert_eq!(world.cycle().counts.created, 1);
}

#[test]
fn a_deleted_source_extension_stops_the_job_and_says_so() {
    let pair = Pair::new();
    let world = &pair.world;
    world.person("ana").set(pair.code.attr, "dev");
    world.cycle();
    delete(world, &world.contoso, &pair.code);
    world.person("ana").department("Sales");
    let report = world.cycle_without_checks();
    assert_eq!(report.state, CycleState::Failed);
    let (_, message) = report.error.unwrap();
    assert!(
        message.contains(&format!("`{}`", pair.code.name)),
        "{message}"
    );
    assert!(
        message.contains("synchronizationRules[0].objectMappings[0]"),
        "{message}"
    );
    pair.holds("ana", Some("DEV"), None);
    assert_ne!(
        world.live("ana").department(),
        "Sales",
        "nothing is written half"
    );

    // Without the mapping the job goes on, and the target keeps what it has.
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[0]
            .attribute_mappings
            .retain(|it| {
                it.target_attribute_name.as_deref() != Some(pair.target_code.name.as_str())
            });
    });
    assert_eq!(world.cycle().counts.updated, 1);
    pair.holds("ana", Some("DEV"), None);
    assert_eq!(world.live("ana").department(), "Sales");
}

#[test]
fn a_source_extension_registered_again_begins_without_values_in_the_target_too() {
    let pair = Pair::new();
    let world = &pair.world;
    world.person("ana").set(pair.code.attr, "dev");
    world.cycle();
    pair.holds("ana", Some("DEV"), None);
    pair.code_is_another_one();
    assert_eq!(world.cycle().counts.updated, 1);
    pair.holds("ana", None, None);
}

/// A cycle finds out when it begins. One that only follows changes is not for that, and the job is not tried again
/// and again.
#[test]
fn a_source_extension_that_is_another_one_waits_for_a_scheduled_cycle_in_continuous_mode() {
    let pair = Pair::new();
    let world = &pair.world;
    world.continuous("True");
    world.person("ana").set(pair.code.attr, "dev");
    world.cycle();
    delete(world, &world.contoso, &pair.code);
    register_again(world, &world.contoso, &pair.code, "jobCode");
    world.person("ana").department("Sales");
    assert!(world.is_behind());
    assert_eq!(world.follow(), None);
    assert!(!world.is_behind());
    pair.holds("ana", Some("DEV"), None);
    assert_eq!(world.cycle().counts.updated, 1);
    pair.holds("ana", None, None);
}

#[test]
fn a_deleted_source_extension_stops_continuous_mode_and_says_so() {
    let pair = Pair::new();
    let world = &pair.world;
    world.continuous("True");
    world.person("ana").set(pair.code.attr, "dev");
    world.cycle();
    delete(world, &world.contoso, &pair.code);
    world.person("ana").department("Sales");
    assert_eq!(world.follow().unwrap().state, CycleState::Failed);
    assert!(world.stored_job().status.quarantine.is_some());
    assert!(!world.is_behind());
}

#[test]
fn a_deleted_target_extension_that_comes_back_is_filled_again() {
    let pair = Pair::new();
    let world = &pair.world;
    world.person("ana").set(pair.code.attr, "dev");
    world.cycle();
    delete(world, &world.fabrikam, &pair.target_code);
    let report = world.cycle_without_checks();
    assert_eq!(report.state, CycleState::Failed);
    let (_, message) = report.error.unwrap();
    assert!(
        message.contains("no such directory extension of the target tenant is known"),
        "{message}"
    );

    let again = register_again(world, &world.fabrikam, &pair.target_code, "code");
    let plan = world.plan();
    assert_eq!(plan.kind, CycleKind::Initial);
    let report = world.cycle();
    assert_eq!(
        (report.kind, report.counts.updated),
        (CycleKind::Initial, 1)
    );
    assert_eq!(
        world.live("ana").attrs().get(again.attr),
        Some(&Value::text("DEV"))
    );
    assert_eq!(
        world.live("ana").attrs().get(pair.target_code.attr),
        None,
        "the old value left with the next write"
    );
}

/// Who deletes one and registers it again neither waits for the sources that write into it nor looks for
/// them: they find it out by themselves, also those who are not let in meanwhile.
#[test]
fn a_target_extension_that_is_another_one_when_consent_comes_back_is_filled_again() {
    let pair = Pair::new();
    let world = &pair.world;
    world.person("ana").set(pair.code.attr, "dev");
    world.cycle();
    world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
    delete(world, &world.fabrikam, &pair.target_code);
    let again = register_again(world, &world.fabrikam, &pair.target_code, "code");
    for _ in 0..2 {
        let report = world.cycle_without_checks();
        assert_eq!(report.state, CycleState::Failed);
    }
    world.contoso_consents();
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(
        (report.kind, report.counts.updated),
        (CycleKind::Initial, 1)
    );
    assert_eq!(planned.kind, report.kind);
    assert_eq!(
        world.live("ana").attrs().get(again.attr),
        Some(&Value::text("DEV"))
    );
    // Once.
    assert_eq!(world.plan().kind, CycleKind::Incremental);
    assert_eq!(world.cycle().kind, CycleKind::Incremental);
}

#[test]
fn a_target_extension_that_is_another_one_in_mid_cycle_is_filled_by_the_next() {
    let pair = Pair::new();
    let Pair {
        world,
        code,
        target_code,
        ..
    } = pair;
    let world = world.with_pages_of(1);
    for name in ["ana", "bo"] {
        world.person(name).set(code.attr, "dev");
    }
    let again = Mutex::default();
    world.cycle_watched_by(&after_first_page(|| {
        delete(&world, &world.fabrikam, &target_code);
        let registered = register_again(&world, &world.fabrikam, &target_code, "code");
        *again.lock().unwrap() = Some(registered);
    }));
    let again = again.lock().unwrap().take().unwrap();
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    for name in ["ana", "bo"] {
        let live = world.live(name);
        assert_eq!(live.attrs().get(again.attr), Some(&Value::text("DEV")));
    }
    assert_eq!(world.cycle().kind, CycleKind::Incremental);
}

/// A mapping that is added concerns some, whatever it names.
#[test]
fn a_schema_that_names_a_further_one_does_not_evaluate_everything() {
    let pair = Pair::new();
    let world = &pair.world;
    world.person("ana").set(pair.code.attr, "dev");
    world.cycle();
    let further = register(
        world,
        &world.fabrikam,
        "further",
        ExtensionType::String,
        false,
    );
    assert_eq!(world.cycle().kind, CycleKind::Incremental);
    world.change_schema(|schema| map(schema, of(&pair.code), &further.name));
    let report = world.cycle();
    assert_eq!(
        (report.kind, report.counts.updated),
        (CycleKind::Incremental, 1)
    );
}

#[test]
fn a_value_that_does_not_fit_is_one_objects_failure() {
    let world = World::new();
    let (contoso, fabrikam) = (world.contoso.clone(), world.fabrikam.clone());
    let long = register(
        &world,
        &contoso,
        "number",
        ExtensionType::LargeInteger,
        false,
    );
    let short = register(&world, &fabrikam, "number", ExtensionType::Integer, false);
    world.change_schema(|schema| map(schema, of(&long), &short.name));
    world
        .person("ana")
        .set(long.attr, Value::Int(i64::from(i32::MAX) + 1));
    world.person("bo").set(long.attr, Value::Int(7));
    let report = world.cycle_without_checks();
    assert_eq!(report.counts.created, 1);
    assert_eq!(
        world.live("bo").attrs().get(short.attr),
        Some(&Value::Int(7))
    );
    let failures = world.outcomes("ana");
    let [EvidenceOutcome::Failed(failure)] = failures.as_slice() else {
        panic!("{failures:?}");
    };
    assert!(failure.reason.contains("32 bits"), "{failure:?}");
}

/// A clause may name an attribute as Graph does, in any case.
#[test]
fn a_source_extension_that_a_scope_names_in_another_case_and_that_is_another_one_now_lets_people_go()
 {
    let world = World::new();
    let code = register(&world, &world.contoso, "code", ExtensionType::String, false);
    world.person("ana").set(code.attr, "in");
    world.scope_to(&code.name.to_uppercase(), "in");
    assert_eq!(world.cycle().counts.created, 1);
    delete(&world, &world.contoso, &code);
    register_again(&world, &world.contoso, &code, "code");
    assert_eq!(world.cycle().counts.deleted, 1);
}

/// Whoever let removals through has not seen whom the other one lets go.
#[test]
fn a_permission_for_removals_ends_when_an_extension_is_another_one() {
    let world = World::new();
    let code = register(&world, &world.contoso, "code", ExtensionType::String, false);
    world.threshold(3);
    for person in world.people("p", 4) {
        person.set(code.attr, "in");
    }
    world.scope_to(&code.name, "in");
    assert_eq!(world.cycle().counts.created, 4);
    world.restart("ForceDeletes");
    delete(&world, &world.contoso, &code);
    register_again(&world, &world.contoso, &code, "code");
    let plan = world.plan();
    assert_eq!((plan.held, plan.removals), (true, 4));
    let counts = world.cycle().counts;
    assert_eq!((counts.staged, counts.deleted), (4, 0));
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 4);
}

/// Its cycle was interrupted before the removals were counted.
#[test]
fn so_it_does_when_that_happens_before_its_cycle_goes_on() {
    let world = World::new().with_pages_of(1);
    let code = register(&world, &world.contoso, "code", ExtensionType::String, false);
    world.threshold(3);
    for person in world.people("p", 6) {
        person.set(code.attr, "in");
    }
    world.scope_to(&code.name, "in");
    assert_eq!(world.cycle().counts.created, 6);
    world.restart("Watermark, ForceDeletes");
    world.try_cycle(&Stops::default()).unwrap_err();
    assert!(world.stored_job().lets_removals_through());
    delete(&world, &world.contoso, &code);
    register_again(&world, &world.contoso, &code, "code");
    let counts = world.cycle().counts;
    assert_eq!((counts.unchanged, counts.staged, counts.deleted), (1, 5, 0));
    let plan = world.plan();
    assert_eq!((plan.held, plan.removals), (true, 6));
    assert_eq!(world.cycle().counts.staged, 6);
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 6);
}

/// Who is provisioned on demand is decided by a schema that no cycle has seen yet.
#[test]
fn whom_an_extension_let_in_on_demand_leaves_when_it_is_another_one_by_the_next_cycle() {
    let world = World::new();
    let code = register(&world, &world.contoso, "code", ExtensionType::String, false);
    let ana = world.person("ana").set(code.attr, "in").id;
    world.scope_to("department", "in");
    assert_eq!(world.cycle().counts.skipped, 1);
    world.scope_to(&code.name, "in");
    world.provision(ana).unwrap();
    assert!(world.live("ana").is_live());
    delete(&world, &world.contoso, &code);
    register_again(&world, &world.contoso, &code, "code");
    assert_eq!(world.cycle().counts.deleted, 1);
}

/// Nor has a cycle begun with a schema that is saved while it runs.
#[test]
fn whom_an_extension_let_in_in_mid_cycle_leaves_when_it_is_another_one_by_the_next() {
    let world = World::new().with_pages_of(1);
    let code = register(&world, &world.contoso, "code", ExtensionType::String, false);
    world.person("ana").set(code.attr, "in");
    world.person("bo").set(code.attr, "in");
    world.scope_to("department", "in");
    world.cycle_watched_by(&after_first_page(|| world.scope_to(&code.name, "in")));
    assert!(world.target_user("bo").is_some());
    delete(&world, &world.contoso, &code);
    register_again(&world, &world.contoso, &code, "code");
    world.cycle();
    assert!(!world.target_user("bo").unwrap().is_live());
}
