//! How the suite asks a target: each time opened anew, each page in a transaction of its own.

use syncline_engine::{Fault, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Value};
use syncline_store::{StoreError, Tx};

use super::TargetFixture;
use crate::Target;

pub(super) const USER: EntityKind = EntityKind::User;

impl dyn TargetFixture + '_ {
    pub(super) fn apply(&self, operations: &[Operation]) -> Vec<Outcome> {
        let outcomes = self.ask(|target, page| target.apply(page, operations));
        assert_eq!(outcomes.len(), operations.len(), "{outcomes:?}");
        outcomes
    }

    pub(super) fn done(&self, operation: Operation) -> ObjectId {
        match self.apply(&[operation]).remove(0) {
            Outcome::Done(id) | Outcome::Stands(id) => id,
            Outcome::Failed(fault) => panic!("failed: {fault:?}"),
        }
    }

    pub(super) fn fault(&self, operation: Operation) -> Fault {
        match self.apply(&[operation]).remove(0) {
            Outcome::Failed(fault) => fault,
            Outcome::Done(id) | Outcome::Stands(id) => panic!("this should have failed: {id}"),
        }
    }

    pub(super) fn create(&self, alias: &str) -> ObjectId {
        self.done(create(self.person(alias)))
    }

    pub(super) fn find(&self, queries: &[LookupQuery]) -> Vec<Vec<TargetObject>> {
        let found = self.ask(|target, page| target.find(page, queries));
        assert_eq!(found.len(), queries.len(), "{found:?}");
        found
    }

    /// All pages of so many objects each; `None` of a target that can not tell whose its objects are.
    pub(super) fn discover(&self, kind: EntityKind, limit: usize) -> Option<Vec<TargetObject>> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = self.ask(|target, page| target.discover(page, kind, after, limit))?;
            assert!(page.objects.len() <= page.looked_at && page.looked_at <= limit);
            all.extend(page.objects);
            if page.next.is_none() {
                return Some(all);
            }
            assert!(page.next > after, "it goes on: {:?}", page.next);
            after = page.next;
        }
    }

    /// The object with the anchor of this alias.
    pub(super) fn matched(&self, alias: &str) -> Option<TargetObject> {
        self.one(self.matching(alias))
    }

    /// The object with this id.
    pub(super) fn linked(&self, target: ObjectId) -> Option<TargetObject> {
        self.one(LookupQuery::Linked { kind: USER, target })
    }

    pub(super) fn present(&self, target: ObjectId) -> TargetObject {
        self.linked(target).expect("the object is there")
    }

    pub(super) fn matching(&self, alias: &str) -> LookupQuery {
        LookupQuery::Matching {
            kind: USER,
            attr: Attr::ALTERNATIVE_SECURITY_IDS,
            value: self.mapped(alias, Attr::ALTERNATIVE_SECURITY_IDS),
        }
    }

    /// What is mapped for this alias to this attribute.
    pub(super) fn mapped(&self, alias: &str, attr: Attr) -> Value {
        let person = self.person(alias);
        let value = person.get(attr).expect("the fixture maps this attribute");
        value.clone()
    }

    pub(super) fn permits(&self) -> Result<(), PolicyRefusal> {
        self.ask(|target, page| target.permits(page))
    }

    fn one(&self, query: LookupQuery) -> Option<TargetObject> {
        let mut found = self.find(&[query]).remove(0);
        assert!(found.len() <= 1, "{found:?}");
        found.pop()
    }

    fn ask<T>(&self, question: impl FnOnce(&dyn Target, &mut Tx<'_>) -> Result<T, Fault>) -> T {
        let target = self.target();
        let answer = self
            .store()
            .write(|page| Ok::<_, StoreError>(question(target.as_ref(), page)))
            .expect("the store works");
        match answer {
            Ok(answer) => answer,
            Err(fault) => panic!("the target does not answer: {fault:?}"),
        }
    }
}

pub(super) fn create(attrs: Attrs) -> Operation {
    Operation::Create {
        kind: USER,
        attrs,
        left_empty: Vec::new(),
    }
}

pub(super) fn update(target: ObjectId, set: &[(Attr, Option<&str>)]) -> Operation {
    Operation::Update {
        kind: USER,
        target,
        set: values(set),
    }
}

pub(super) fn restore(target: ObjectId, set: &[(Attr, Option<&str>)]) -> Operation {
    Operation::Restore {
        kind: USER,
        target,
        set: values(set),
    }
}

pub(super) fn soft_delete(target: ObjectId) -> Operation {
    Operation::SoftDelete { kind: USER, target }
}

pub(super) fn hard_delete(target: ObjectId) -> Operation {
    Operation::HardDelete { kind: USER, target }
}

pub(super) fn add_manager(target: ObjectId, to: ObjectId) -> Operation {
    Operation::AddReference {
        kind: USER,
        target,
        attr: Attr::MANAGER,
        to,
    }
}

pub(super) fn remove_manager(target: ObjectId, to: ObjectId) -> Operation {
    Operation::RemoveReference {
        kind: USER,
        target,
        attr: Attr::MANAGER,
        to,
    }
}

/// An id that no object has.
pub(super) fn nobody() -> ObjectId {
    ObjectId::from_bytes([3; 16])
}

fn values(set: &[(Attr, Option<&str>)]) -> Vec<(Attr, Option<Value>)> {
    set.iter()
        .map(|(attr, value)| (*attr, value.map(Value::text)))
        .collect()
}
