//! What is known of a source object and of the target objects it may be matched to.

use syncline_model::{Attr, EntityKind, Entry, ObjectId, Predicate, TenantId, Value};

/// A source object as the source shows it now.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub id: ObjectId,
    pub kind: EntityKind,
    pub lifecycle: Lifecycle,
    /// The attributes; `None` when only the id is left (hard-deleted).
    pub entry: Option<Entry>,
    /// Display names of the configuration's app roles the object holds, directly or through a
    /// group; empty means not assigned.
    pub assigned_roles: Vec<String>,
    /// Single and multi-valued references, e.g. `manager` → ids of source objects.
    pub references: Vec<(Attr, Vec<ObjectId>)>,
}

/// Whether the object lives, waits in the recycle bin, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifecycle {
    Live,
    SoftDeleted,
    HardDeleted,
}

/// A target object as the target shows it now.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetObject {
    pub entry: Entry,
    /// In the recycle bin.
    pub soft_deleted: bool,
    /// Current references, as ids of target objects.
    pub references: Vec<(Attr, Vec<ObjectId>)>,
    /// The source object this job has linked to it, when there is one.
    pub linked_source: Option<ObjectId>,
}

impl TargetObject {
    /// Whether it refers to anybody by this attribute.
    pub fn has_reference(&self, attr: Attr) -> bool {
        let mut of_attr = self.references.iter().filter(|(it, _)| *it == attr);
        of_attr.any(|(_, ids)| !ids.is_empty())
    }
}

/// What the engine wants to know of the target. Look-ups of a page go out together.
#[derive(Clone, Debug, PartialEq)]
pub enum LookupQuery {
    /// The object a link points to, in the recycle bin too.
    Linked { kind: EntityKind, target: ObjectId },
    /// External objects whose home tenant is the job's source and whose `attr` has this value, in
    /// the recycle bin too: [`LookupQuery::predicate`].
    Matching {
        kind: EntityKind,
        attr: Attr,
        value: Value,
    },
    /// Whoever has this value, external or not: is it free? Case does not count, and what waits in
    /// the recycle bin holds no value. Only whether somebody is found matters. For a value that is to be given it
    /// is asked only where the source may know: a target withholds others, and they count as taken.
    Taken {
        kind: EntityKind,
        attr: Attr,
        value: Value,
    },
}

impl LookupQuery {
    /// What the object looked for is like, as the target stores it. `home` is the tenant whose
    /// objects a job may match; case does not count.
    pub fn predicate(&self, home: TenantId) -> Predicate {
        match self {
            Self::Linked { target, .. } => Predicate::equals(Attr::ID, Value::Guid(target.0)),
            Self::Matching { attr, value, .. } => Predicate::And(vec![
                Predicate::equals(Attr::HOME_TENANT_ID, Value::Guid(home.0)),
                Predicate::any_equals(*attr, value.clone()),
            ]),
            Self::Taken { attr, value, .. } => Predicate::any_equals(*attr, value.clone()),
        }
    }
}
