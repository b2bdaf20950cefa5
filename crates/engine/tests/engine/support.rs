//! Test data in the domain's words: people, what the job remembers of them, and a target directory
//! that does what it is told.

use syncline_engine::evidence::EvidenceForm;
use syncline_engine::schema::{ObjectMapping, SynchronizationSchema};
use syncline_engine::{
    Action, Decision, JobFacts, Lifecycle, LookupQuery, RandomKey, Rule, Step, Subject,
    TargetObject, begin, schema, template,
};
use syncline_expression::Limits;
use syncline_model::link::LinkState;
use syncline_model::{
    Attr, Attrs, EntityKind, Entry, Link, ObjectId, Schema, TenantId, Timestamp, Value, b2b,
};
use uuid::Uuid;

pub const NOW: Timestamp = Timestamp(17_000_000_000_000_000);
pub const RULE_ID: Uuid = Uuid::from_u128(0xdf8d_f8d1);

pub fn id(number: u128) -> ObjectId {
    ObjectId(Uuid::from_u128(number))
}

/// The source user everybody talks about.
pub const ADELE: u128 = 0xade1e;

pub fn facts() -> JobFacts {
    JobFacts {
        source_tenant: TenantId(Uuid::from_u128(1)),
        source_default_domain: "fabrikam.example".into(),
        target_tenant: TenantId(Uuid::from_u128(2)),
        target_initial_domain: "contoso.onmicrosoft.example".to_owned(),
        sync_all: false,
        skip_out_of_scope_deletions: false,
        matching: 0,
        source_system: "Azure Active Directory".into(),
        target_system: "Azure Active Directory (target tenant)".into(),
        random_key: RandomKey::new([7; 16]),
    }
}

pub fn default_schema() -> SynchronizationSchema {
    template::azure2azure("Azure2Azure.job", RULE_ID)
}

/// The users' rule of the template, changed.
pub fn rule_with(change: impl FnOnce(&mut ObjectMapping)) -> Rule {
    let mut schema = default_schema();
    change(&mut schema.synchronization_rules[0].object_mappings[0]);
    compile(&schema)
}

/// As `rule_with`, where the matching rule of cross-tenant synchronization does not apply.
pub fn free_rule_with(change: impl FnOnce(&mut ObjectMapping)) -> Rule {
    let mut schema = default_schema();
    schema.id = "Custom.job".to_owned();
    schema.synchronization_rules[0].target_directory_name = Some("Elsewhere".to_owned());
    change(&mut schema.synchronization_rules[0].object_mappings[0]);
    compile(&schema)
}

/// The groups' rule of the template, switched on and changed.
pub fn group_rule_with(change: impl FnOnce(&mut ObjectMapping)) -> Rule {
    let mut schema = default_schema();
    let mappings = &mut schema.synchronization_rules[0].object_mappings;
    mappings.retain(|it| it.source_object_name.as_deref() == Some("Group"));
    mappings[0].enabled = true;
    change(&mut mappings[0]);
    compile(&schema)
}

fn compile(schema: &SynchronizationSchema) -> Rule {
    match schema::compile(schema, Schema::core()) {
        Ok(rules) => rules.into_iter().next().unwrap(),
        Err(problems) => panic!("{problems:?}"),
    }
}

/// An assigned, enabled internal member.
pub fn person() -> Person {
    let mut entry = Entry::new(EntityKind::User, id(ADELE));
    entry.attrs = Attrs::new()
        .with(Attr::USER_PRINCIPAL_NAME, "adele@fabrikam.example")
        .with(Attr::DISPLAY_NAME, "Adele Vance")
        .with(Attr::MAIL_NICKNAME, "adele")
        .with(Attr::ACCOUNT_ENABLED, true)
        .with(Attr::USER_TYPE, "Member")
        .with(Attr::DEPARTMENT, "Marketing");
    Person(Subject {
        id: id(ADELE),
        kind: EntityKind::User,
        lifecycle: Lifecycle::Live,
        entry: Some(entry),
        assigned_roles: vec!["msiam_access".to_owned()],
        references: Vec::new(),
    })
}

#[derive(Debug)]
pub struct Person(pub Subject);

impl Person {
    pub fn with(mut self, attr: Attr, value: impl Into<Value>) -> Self {
        if let Some(entry) = &mut self.0.entry {
            entry.attrs.set(attr, value);
        }
        self
    }

    pub fn without(mut self, attr: Attr) -> Self {
        if let Some(entry) = &mut self.0.entry {
            entry.attrs.remove(attr);
        }
        self
    }

    pub fn disabled(self) -> Self {
        self.with(Attr::ACCOUNT_ENABLED, false)
    }

    pub fn unassigned(mut self) -> Self {
        self.0.assigned_roles.clear();
        self
    }

    pub fn deleted(mut self) -> Self {
        self.0.lifecycle = Lifecycle::SoftDeleted;
        self
    }

    pub fn deleted_for_good(mut self) -> Self {
        self.0.lifecycle = Lifecycle::HardDeleted;
        self.0.entry = None;
        self.0.assigned_roles.clear();
        self
    }

    pub fn managed_by(mut self, manager: ObjectId) -> Self {
        self.0.references.push((Attr::MANAGER, vec![manager]));
        self
    }
}

/// A job, what it remembers, and its target.
pub struct World {
    pub rule: Rule,
    pub facts: JobFacts,
    pub link: Option<Link>,
    pub target: Vec<TargetObject>,
}

impl std::fmt::Debug for World {
    /// Without the mappings, which fill pages.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("flow", &self.rule.flow)
            .field("facts", &self.facts)
            .field("link", &self.link)
            .field("target", &self.target)
            .finish()
    }
}

impl World {
    pub fn new() -> Self {
        Self::with_rule(rule_with(|_| ()))
    }

    pub fn with_rule(rule: Rule) -> Self {
        Self {
            rule,
            facts: facts(),
            link: None,
            target: Vec::new(),
        }
    }

    pub fn sync_all(mut self) -> Self {
        self.facts.sync_all = true;
        self
    }

    pub fn keeping_out_of_scope(mut self) -> Self {
        self.facts.skip_out_of_scope_deletions = true;
        self
    }

    /// Adele was created in the target, in an earlier cycle, as she is now by default.
    pub fn synchronized(mut self) -> Self {
        let decision = self.decide(&person().0);
        self.carry_out(&decision);
        assert!(self.link.is_some(), "{decision:?}");
        self
    }

    pub fn link_state(mut self, state: LinkState) -> Self {
        self.link.as_mut().unwrap().state = state;
        self
    }

    /// Adele's target object was let go before the job put it into the recycle bin.
    pub fn deleted_when_released(mut self) -> Self {
        let link = self.link.as_mut().unwrap();
        (link.state, link.was_released) = (LinkState::SoftDeleted, true);
        self
    }

    /// Everybody is to be matched anew.
    pub fn restarted(mut self) -> Self {
        self.facts.matching += 1;
        for target in &mut self.target {
            target.linked_source = None;
        }
        self
    }

    /// Adele's target object carries somebody else's anchor.
    pub fn found_by_nothing(self) -> Self {
        self.target_has(Attr::ALTERNATIVE_SECURITY_IDS, anchor_of(0xbea))
    }

    pub fn in_recycle_bin(mut self) -> Self {
        self.target[0].soft_deleted = true;
        self
    }

    pub fn target_gone(mut self) -> Self {
        self.target.clear();
        self
    }

    pub fn target_has(mut self, attr: Attr, value: impl Into<Value>) -> Self {
        self.target[0].entry.attrs.set(attr, value);
        self
    }

    pub fn target_has_no(mut self, attr: Attr) -> Self {
        self.target[0].entry.attrs.remove(attr);
        self
    }

    /// An external user that carries Adele's anchor; nobody has linked him.
    pub fn invited_earlier(mut self, number: u128) -> Self {
        let mut entry = Entry::new(EntityKind::User, id(number));
        let anchor = b2b::alternative_security_id(&b2b::net_id(id(ADELE)));
        entry.attrs = Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, anchor)
            .with(
                Attr::USER_PRINCIPAL_NAME,
                "adele_fabrikam.example#EXT#@contoso.onmicrosoft.example",
            )
            .with(Attr::DISPLAY_NAME, "Adele (guest)")
            .with(Attr::MAIL_NICKNAME, "adele")
            .with(Attr::ACCOUNT_ENABLED, true)
            .with(Attr::USER_TYPE, "Guest");
        self.target.push(TargetObject {
            entry,
            soft_deleted: false,
            references: Vec::new(),
            linked_source: None,
        });
        self
    }

    pub fn held_by(mut self, holder: u128) -> Self {
        self.target[0].linked_source = Some(id(holder));
        self
    }

    /// The first half alone.
    pub fn begin<'a>(&'a self, subject: &'a Subject) -> Step<'a> {
        self.begin_in(EvidenceForm::Open, subject)
    }

    fn begin_in<'a>(&'a self, form: EvidenceForm, subject: &'a Subject) -> Step<'a> {
        let link = self.link.as_ref();
        begin(&self.rule, &self.facts, subject, link, NOW, form)
    }

    /// Decides, answering look-ups from the target.
    pub fn decide(&self, subject: &Subject) -> Decision {
        self.decide_in(EvidenceForm::Open, subject)
    }

    pub fn decide_in(&self, form: EvidenceForm, subject: &Subject) -> Decision {
        let mut step = self.begin_in(form, subject);
        for _ in 0..10 {
            match step {
                Step::Decided(decision) => return *decision,
                Step::Lookup(pending) => {
                    let found = self.look_up(&pending.query);
                    step = pending.resume(&self.rule, &self.facts, &found, NOW);
                }
            }
        }
        panic!("the engine asks without end");
    }

    pub fn look_up(&self, query: &LookupQuery) -> Vec<TargetObject> {
        let fits = |object: &&TargetObject| match query {
            LookupQuery::Linked { target, .. } => object.entry.id == *target,
            LookupQuery::Matching { attr, value, .. } | LookupQuery::Taken { attr, value, .. } => {
                object
                    .entry
                    .get(*attr)
                    .is_some_and(|has| has.as_slice().contains(value))
            }
        };
        self.target.iter().filter(fits).cloned().collect()
    }

    /// Does to the target and the link what was decided.
    pub fn carry_out(&mut self, decision: &Decision) {
        match &decision.action {
            Action::Create { attrs, .. } => {
                let number = 0x7a00 + self.target.len() as u128;
                let mut entry = Entry::new(decision.kind, id(number));
                entry.attrs = attrs.clone();
                self.target.push(TargetObject {
                    entry,
                    soft_deleted: false,
                    references: Vec::new(),
                    linked_source: None,
                });
                self.link_to(decision.source, id(number), LinkState::Live);
            }
            Action::Update {
                target,
                changes,
                adopt,
            } => {
                self.set(*target, changes);
                if *adopt {
                    self.link_to(decision.source, *target, LinkState::Live);
                }
            }
            Action::Disable { target, changes } => self.set(*target, changes),
            Action::SoftDelete { target } => {
                self.object(*target).soft_deleted = true;
                let was_released = |it: &Link| it.was_released || it.state == LinkState::Released;
                let was_released = self.link.as_ref().is_some_and(was_released);
                self.link_to(decision.source, *target, LinkState::SoftDeleted);
                self.link.as_mut().unwrap().was_released = was_released;
            }
            Action::Restore {
                target,
                changes,
                lets_go,
                ..
            } => {
                self.object(*target).soft_deleted = false;
                self.set(*target, changes);
                let state = match lets_go {
                    true => LinkState::Released,
                    false => LinkState::Live,
                };
                self.link_to(decision.source, *target, state);
            }
            Action::HardDelete { target } => {
                self.target.retain(|object| object.entry.id != *target);
                self.link = None;
            }
            Action::Release { target, changes } => {
                self.set(*target, changes);
                self.link_to(decision.source, *target, LinkState::Released)
            }
            Action::Unchanged {
                target,
                adopt: true,
            } => self.link_to(decision.source, *target, LinkState::Live),
            Action::Unchanged { .. } | Action::Skip(_) | Action::Fail(_) => {}
        }
    }

    fn object(&mut self, target: ObjectId) -> &mut TargetObject {
        self.target
            .iter_mut()
            .find(|object| object.entry.id == target)
            .expect("decided about an unknown object")
    }

    fn set(&mut self, target: ObjectId, changes: &[syncline_engine::Change]) {
        let object = self.object(target);
        for change in changes {
            assert_eq!(
                object.entry.get(change.attr),
                change.old.as_ref(),
                "old value of {:?}",
                change.attr
            );
            object.entry.attrs.put(change.attr, change.new.clone());
        }
    }

    fn link_to(&mut self, source: ObjectId, target: ObjectId, state: LinkState) {
        self.object(target).linked_source = Some(source);
        self.link = Some(Link {
            source,
            target,
            kind: EntityKind::User,
            state,
            since: NOW,
            matching: 0,
            was_released: false,
        });
    }
}

/// A decision in one line: `update displayName, city (adopting)`.
pub fn words(decision: &Decision) -> String {
    let names = |changes: &[syncline_engine::Change]| {
        changes
            .iter()
            .map(|change| format!(" {:?}", change.attr))
            .collect::<Vec<_>>()
            .join(",")
    };
    let adopting = |adopt: bool| if adopt { " (adopting)" } else { "" };
    let letting_go = |lets_go: bool| if lets_go { " (letting go)" } else { "" };
    match &decision.action {
        Action::Create { .. } => "create".to_owned(),
        Action::Update { changes, adopt, .. } => {
            format!("update{}{}", names(changes), adopting(*adopt))
        }
        Action::Disable { .. } => "disable".to_owned(),
        Action::SoftDelete { .. } => "soft delete".to_owned(),
        Action::Restore {
            changes,
            adopt,
            lets_go,
            ..
        } => {
            let adopting = adopting(*adopt);
            format!(
                "restore{}{adopting}{}",
                names(changes),
                letting_go(*lets_go)
            )
        }
        Action::HardDelete { .. } => "hard delete".to_owned(),
        Action::Release { changes, .. } => format!("release{}", names(changes)),
        Action::Unchanged { adopt, .. } => format!("unchanged{}", adopting(*adopt)),
        Action::Skip(reason) => format!("skip {}", reason.code()),
        Action::Fail(failure) => format!("fail {}", failure.code),
    }
}

/// The source object `number` has the same anchor as nobody else.
pub fn anchor_of(number: u128) -> String {
    b2b::alternative_security_id(&b2b::net_id(id(number)))
}

/// A mapping source given by its text alone, as an admin types it.
pub fn expression(text: &str) -> schema::AttributeMappingSource {
    schema::AttributeMappingSource {
        expression: Some(text.to_owned()),
        ..Default::default()
    }
}

/// The template's users with one mapping changed.
pub fn mapped(target: &str, change: impl FnOnce(&mut schema::AttributeMapping)) -> World {
    World::with_rule(rule_with(|mapping| change(one(mapping, target))))
}

/// The mapping that fills a target attribute.
pub fn one<'m>(mapping: &'m mut ObjectMapping, target: &str) -> &'m mut schema::AttributeMapping {
    mapping
        .attribute_mappings
        .iter_mut()
        .find(|it| it.target_attribute_name.as_deref() == Some(target))
        .unwrap()
}

/// What is wrong with a schema that comes in after one mapping was changed: member of the mapping, and message.
pub fn problems_of(
    target: &str,
    change: impl FnOnce(&mut schema::AttributeMapping),
) -> Vec<(String, String)> {
    let mut schema = default_schema();
    change(one(
        &mut schema.synchronization_rules[0].object_mappings[0],
        target,
    ));
    let Err(problems) = schema::compile_with(&schema, Schema::core(), &Limits::DEFAULT) else {
        return Vec::new();
    };
    let member = |path: String| {
        path.split_once("attributeMappings[")
            .map_or(path.clone(), |(_, it)| {
                it.split_once("].")
                    .map_or(String::new(), |(_, member)| member.to_owned())
            })
    };
    problems
        .into_iter()
        .map(|it| (member(it.path), it.message))
        .collect()
}

/// Attributes and new values of an update.
pub fn changes_of(decision: &Decision) -> Vec<(Attr, Option<Value>)> {
    match &decision.action {
        Action::Update { changes, .. } => changes
            .iter()
            .map(|change| (change.attr, change.new.clone()))
            .collect(),
        other => panic!("{other:?}"),
    }
}
