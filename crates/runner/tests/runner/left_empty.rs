//! What the target gives whom it creates, where a mapping has no value for it.

use syncline_engine::schema::{AttributeMapping, AttributeMappingSource, FlowType, NullPolicy};
use syncline_model::job::Counts;
use syncline_model::{Attr, Value};

use crate::world::World;

impl World {
    /// Flows an attribute of that name, and nothing where the source has none.
    fn flows(&self, name: &str, nulls: Option<NullPolicy>) {
        self.change_schema(|schema| {
            let mappings = &mut schema.synchronization_rules[0].object_mappings[0];
            let mappings = &mut mappings.attribute_mappings;
            mappings.retain(|it| it.target_attribute_name.as_deref() != Some(name));
            mappings.push(AttributeMapping {
                target_attribute_name: Some(name.to_owned()),
                source: Some(AttributeMappingSource {
                    expression: Some(format!("[{name}]")),
                    ..AttributeMappingSource::default()
                }),
                flow_type: FlowType::Always,
                null_policy: nulls,
                ..AttributeMapping::default()
            });
        });
    }

    /// What ana has of both after she was created as planned, once everything was looked at again, which
    /// writes nothing.
    fn ana_created(&self) -> (Option<Value>, Option<Value>) {
        self.person("ana").clear(Attr::USER_TYPE);
        let planned = self.plan().counts;
        let first = self.cycle().counts;
        assert_eq!((planned, first.created), (first, 1));
        let made = self.live("ana").attrs().clone();
        self.restart("Watermark");
        assert_eq!(self.plan().counts.updated, 0);
        let again = self.cycle().counts;
        assert_eq!((again.created, again.updated), (0, 0), "{again:?}");
        assert_eq!(self.cycle().counts, Counts::default());
        assert_eq!(self.live("ana").attrs(), &made);
        let of = |attr| made.get(attr).cloned();
        (of(Attr::OTHER_MAILS), of(Attr::USER_TYPE))
    }
}

/// Of what nothing is mapped to, the target's own value stays.
#[test]
fn what_the_target_gives_everybody_needs_no_mapping() {
    let world = World::new();
    world.change_schema(|schema| {
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        users.attribute_mappings.retain(|it| {
            let target = it.target_attribute_name.as_deref();
            !matches!(target, Some("accountEnabled" | "mailNickname"))
        });
    });
    world.ana_created();
    let ana = world.live("ana");
    assert!(ana.is_enabled());
    assert_eq!(ana.text(Attr::MAIL_NICKNAME), "ana_contoso.example#EXT#");
}

#[test]
fn what_is_mapped_and_has_no_value_is_left_empty() {
    let world = World::new();
    world.flows("otherMails", None);
    world.flows("userType", None);
    assert_eq!(world.ana_created(), (None, None));
    // As it is when the source has lost it.
    let mails = Value::List(vec![Value::text("ana@else.example")]);
    world.person("bea").set(Attr::OTHER_MAILS, mails.clone());
    world.cycle();
    let of = |name| world.live(name).attrs().get(Attr::OTHER_MAILS).cloned();
    assert_eq!(of("bea"), Some(mails));
    world.person("bea").clear(Attr::OTHER_MAILS);
    world.cycle();
    assert_eq!(of("bea"), None);
}

#[test]
fn what_a_mapping_would_leave_alone_is_the_targets() {
    let given = (
        Some(Value::List(vec![Value::text("ana@contoso.example")])),
        Some(Value::text("Member")),
    );
    let world = World::new();
    world.flows("otherMails", Some(NullPolicy::Ignore));
    world.flows("userType", Some(NullPolicy::Ignore));
    assert_eq!(world.ana_created(), given);
    // Not mapped at all.
    assert_eq!(World::new().ana_created(), given);
}

#[test]
fn on_demand_leaves_empty_what_a_cycle_does() {
    let world = World::new();
    world.flows("otherMails", None);
    world.start();
    let ana = world.person("ana");
    world.provision(ana.id).unwrap();
    assert!(!world.live("ana").attrs().contains(Attr::OTHER_MAILS));
    assert_eq!(world.cycle().counts.updated, 0);
}
