//! A compiled synchronization rule: what [`crate::begin`] reads for each object.

use syncline_expression::Program;
use syncline_model::{Attr, EntityKind, ObjectId, Predicate, Property, TenantId, Text, Value};

use crate::Failure;
use crate::RandomKey;
use crate::evidence::AttributeName;

/// One object mapping of a synchronization rule, compiled. Made by
/// [`crate::schema::compile`](crate::schema).
#[derive(Debug)]
pub struct Rule {
    /// `synchronizationRule.id`.
    pub id: String,
    pub name: String,
    pub source: EntityKind,
    pub target: EntityKind,
    /// Off: objects of this type are skipped as `EntityTypeNotSupported`.
    pub enabled: bool,
    pub flow: Flow,
    pub scope: Scope,
    pub mappings: Vec<Mapping>,
    /// Source attributes that the log shows as imported, in its order.
    pub imported: Vec<ImportedAttribute>,
    /// Target attributes without which no object can be created.
    pub required: Vec<Property>,
    /// Why its objects cannot all be looked for in the target. Only a schema says so that was stored before this
    /// was refused: whoever would have to be looked for by what the target cannot tell fails.
    pub unfindable: Option<String>,
    /// About so many bytes it takes in memory.
    pub bytes: usize,
}

impl Rule {
    /// Which rule decides about the objects of a kind, switched on or not: the first one that is switched on, else the
    /// first. A schema that comes in has no second one that is switched on; one that was stored may.
    pub fn position(rules: &[Self], kind: EntityKind) -> Option<usize> {
        let of_kind = || {
            let rules = rules.iter().enumerate();
            rules.filter(|(_, rule)| rule.source == kind)
        };
        let on = of_kind().find(|(_, rule)| rule.enabled);
        on.or_else(|| of_kind().next()).map(|(at, _)| at)
    }

    /// The rule at [`Rule::position`].
    pub fn deciding(rules: &[Self], kind: EntityKind) -> Option<&Self> {
        Self::position(rules, kind).and_then(|at| rules.get(at))
    }

    /// Those that decide, one for each kind, with their places: of a kind whose rules are all switched off there is none.
    pub fn all_deciding(rules: &[Self]) -> impl Iterator<Item = (usize, &Self)> {
        let rules_of = rules.iter().enumerate();
        rules_of
            .filter(|(at, rule)| rule.enabled && Self::position(rules, rule.source) == Some(*at))
    }

    /// The matching mappings, first to be tried first.
    pub fn matching(&self) -> Vec<&Mapping> {
        let mut matching: Vec<&Mapping> = self
            .mappings
            .iter()
            .filter(|mapping| mapping.matching_priority > 0)
            .collect();
        matching.sort_by_key(|mapping| mapping.matching_priority);
        matching
    }

    /// Fails when the target cannot be asked who has a value of this attribute.
    pub(crate) fn findable_by(&self, target: Attr) -> Result<(), Failure> {
        match &self.unfindable {
            Some(why) if target != Attr::ALTERNATIVE_SECURITY_IDS => Err(Failure::unfindable(why)),
            _ => Ok(()),
        }
    }

    /// Whether a source attribute must not be written down.
    pub fn hides(&self, source: Attr) -> bool {
        self.imported
            .iter()
            .any(|it| it.attr == source && it.redacted)
    }

    /// How the members of a group flow, when they do: whether they are kept in step, or given once, when the
    /// group comes into the target; and whether those who leave are removed.
    pub fn members(&self) -> Option<MembersFlow> {
        let mapping = self.mapping(Attr::MEMBERS)?;
        let flows = self.enabled
            && matches!(mapping.source, MappingSource::Reference(attr) if attr == Attr::MEMBERS);
        let follows = self.flow.update && mapping.flow_type != FlowType::ObjectAddOnly;
        flows.then_some(MembersFlow {
            follows,
            removes: follows && !mapping.flow_type.adds_only(),
        })
    }

    /// Whether target objects show, in some attribute, that their source objects are not wanted any more.
    pub(crate) fn marks_unwanted(&self) -> bool {
        let marks = |it: &Mapping| {
            it.reads_is_soft_deleted()
                && it.target != Attr::IS_SOFT_DELETED
                && it.flow_type != FlowType::ObjectAddOnly
        };
        self.flow.update && self.mappings.iter().any(marks)
    }

    /// The mapping that fills a target attribute.
    pub fn mapping(&self, target: Attr) -> Option<&Mapping> {
        self.mappings
            .iter()
            .find(|mapping| mapping.target == target)
    }
}

/// How the members of a group flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembersFlow {
    /// Whether the target's follow the source's.
    pub follows: bool,
    /// Whether those who leave in the source are removed in the target, and not only those added who join.
    pub removes: bool,
}

/// One source attribute as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedAttribute {
    pub attr: Attr,
    /// The engine's name, e.g. `objectId`.
    pub name: AttributeName,
    /// Shown even without a value (as empty text).
    pub always: bool,
    /// Shown as `[Redact]`.
    pub redacted: bool,
}

/// Target object actions (`flowTypes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    pub add: bool,
    pub update: bool,
    pub delete: bool,
}

/// The scoping filters of an object mapping: three sets of groups. Of each set any group must hold,
/// or the set be empty.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// What is this mapping's business at all; what is not is left alone.
    pub category: Vec<ScopeGroup>,
    /// What is looked at any further; what is not is left alone.
    pub input: Vec<ScopeGroup>,
    /// What is in scope; what is not any more is deprovisioned.
    pub groups: Vec<ScopeGroup>,
}

impl Scope {
    /// The sets of groups, in the order in which they are evaluated and shown. Whoever is in scope
    /// passes each.
    pub fn sets(&self) -> [&[ScopeGroup]; 3] {
        [&self.category, &self.input, &self.groups]
    }

    /// All groups, in the order in which they are evaluated and shown.
    pub fn all_groups(&self) -> impl Iterator<Item = &ScopeGroup> {
        self.sets().into_iter().flatten()
    }

    /// The groups whose members a clause asks for, each once. Subjects tell their memberships of
    /// these groups only: a rule can not be asked about subjects that were read for another one,
    /// unless that one asks for the same groups.
    pub fn asked_groups(&self) -> Vec<ObjectId> {
        let clauses = self.all_groups().flat_map(|group| &group.clauses);
        let mut asked: Vec<ObjectId> = clauses.flat_map(|it| &it.members_of).copied().collect();
        asked.sort_unstable();
        asked.dedup();
        asked
    }
}

/// One filter group; all clauses must hold.
#[derive(Clone, Debug)]
pub struct ScopeGroup {
    pub name: String,
    pub clauses: Vec<ScopeClause>,
}

/// One clause, compiled, with the words the log shows. They are cut where they are long: every object
/// that is decided tells them.
#[derive(Clone, Debug)]
pub struct ScopeClause {
    /// `department EQUALS 'Marketing'`.
    pub words: Text,
    /// The same behind its group's name: `Sales.department EQUALS 'Marketing'`. Shared by all who tell it.
    pub told: Text,
    pub predicate: Predicate,
    /// The groups whose members the clause asks for.
    pub members_of: Vec<ObjectId>,
}

/// One attribute mapping.
#[derive(Debug)]
pub struct Mapping {
    pub target: Attr,
    /// The target attribute's row of the entity table: its type, its name, whether it may be
    /// cleared.
    pub property: Property,
    /// The target attribute's name as evidence tells it.
    pub shown_name: AttributeName,
    pub source: MappingSource,
    pub flow_type: FlowType,
    /// Used on create when the source yields nothing.
    pub default: Option<Value>,
    /// 0 = not a matching attribute; lower is tried first.
    pub matching_priority: u32,
    /// What becomes of the target's value when the source yields none.
    pub nulls: Nulls,
}

impl Mapping {
    /// The engine's name of the target attribute, as logs show it.
    pub fn name(&self) -> &str {
        self.property.engine_or_graph_name()
    }

    /// The expression, when there is one.
    pub fn program(&self) -> Option<&Program> {
        match &self.source {
            MappingSource::Program(program) => Some(program),
            MappingSource::Reference(_) | MappingSource::DefaultOnly => None,
        }
    }

    /// Whether its value may depend on whether the object is wanted.
    pub(crate) fn reads_is_soft_deleted(&self) -> bool {
        let program = self.program();
        program.is_some_and(|it| it.attributes().contains(&Attr::IS_SOFT_DELETED))
    }

    /// Whether the value must not appear in logs.
    pub fn is_redacted(&self) -> bool {
        self.program().is_some_and(Program::is_redacted) || self.property.sensitive
    }
}

/// What a target value becomes when the source yields none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// It stays.
    Ignore,
    /// It is cleared, but for a default that was given at creation.
    Clear,
    /// It becomes the default.
    Default,
}

/// Where a mapping's value comes from.
#[derive(Debug)]
pub enum MappingSource {
    /// A program over source attributes (attribute, constant or function).
    Program(Box<Program>),
    /// A reference attribute of the source, e.g. `[manager]`.
    Reference(Attr),
    /// `source: null`: only the default.
    DefaultOnly,
}

/// When a mapping flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowType {
    Always,
    /// `ObjectAddOnly`: at creation only.
    ObjectAddOnly,
    /// Added to what the target has; a single value is replaced. Nothing is removed.
    MultiValueAddOnly,
    /// The same.
    ValueAddOnly,
    /// Only while the target has no value.
    AttributeAddOnly,
}

impl FlowType {
    /// Whether the target keeps what it has and the source has not, in objects that flow after creation.
    pub fn adds_only(self) -> bool {
        match self {
            Self::MultiValueAddOnly | Self::ValueAddOnly | Self::AttributeAddOnly => true,
            Self::Always | Self::ObjectAddOnly => false,
        }
    }
}

/// What a job's decisions depend on besides its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFacts {
    pub source_tenant: TenantId,
    pub source_default_domain: Text,
    pub target_tenant: TenantId,
    /// For the names of external users: `…#EXT#@<initial domain>`.
    pub target_initial_domain: String,
    /// Scope: everyone, or the assigned ones only.
    pub sync_all: bool,
    /// Out-of-scope objects are left alone instead of deleted.
    pub skip_out_of_scope_deletions: bool,
    /// The job's matching: links of an earlier one do not say whom a wanted object is matched with.
    pub matching: u64,
    /// Display name of the source system in logs, e.g. `Azure Active Directory`.
    pub source_system: Text,
    pub target_system: Text,
    pub random_key: RandomKey,
}
