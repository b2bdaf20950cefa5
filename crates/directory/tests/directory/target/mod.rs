//! A hosted tenant as a job's target: fabrikam takes users of contoso.

mod changing;
mod creating;
mod discovering;
mod exchanging;
mod groups;
mod home_addresses;
mod looking_up;
mod managers;
mod policies;
mod refused_values;
mod restoring;
mod withheld;

use std::sync::Arc;

use syncline_connector::Target;
use syncline_directory::{LocalTarget, users};
use syncline_engine::{Fault, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Value, b2b};
use syncline_store::{StoreError, Stored, Tenant};

use crate::world::{World, new_user, world};

const USER: EntityKind = EntityKind::User;

struct Targeted {
    world: World,
    target: LocalTarget,
}

fn targeted() -> Targeted {
    let world = world();
    let target = towards_fabrikam(&world, &world.contoso);
    Targeted { world, target }
}

/// Fabrikam as the target of jobs from this tenant.
fn towards_fabrikam(world: &World, source: &Tenant) -> LocalTarget {
    LocalTarget::new(
        source.id,
        world.fabrikam.id,
        Arc::clone(&world.ids) as _,
        Arc::clone(&world.clock) as _,
    )
}

/// What the engine would create for `<alias>@contoso.example`.
pub fn mapped(alias: &str) -> Attrs {
    Attrs::new()
        .with(Attr::ALTERNATIVE_SECURITY_IDS, format!("5::{alias}"))
        .with(Attr::DISPLAY_NAME, alias)
        .with(Attr::MAIL_NICKNAME, alias)
        .with(Attr::IS_SOFT_DELETED, false)
        .with(Attr::SHOW_IN_ADDRESS_LIST, true)
        .with(
            Attr::USER_PRINCIPAL_NAME,
            b2b::external_upn(
                &format!("{alias}@contoso.example"),
                "fabrikam.onmicrosoft.com",
            ),
        )
}

fn create(attrs: Attrs) -> Operation {
    Operation::Create {
        kind: USER,
        attrs,
        left_empty: Vec::new(),
    }
}

fn update(target: ObjectId, attr: Attr, value: Option<Value>) -> Operation {
    Operation::Update {
        kind: USER,
        target,
        set: vec![(attr, value)],
    }
}

impl Targeted {
    fn apply_through(&self, target: &LocalTarget, operations: &[Operation]) -> Vec<Outcome> {
        self.world
            .store
            .write(|tx| Ok::<_, StoreError>(target.apply(tx, operations).unwrap()))
            .unwrap()
    }

    fn apply(&self, operations: &[Operation]) -> Vec<Outcome> {
        self.apply_through(&self.target, operations)
    }

    fn done(&self, operation: Operation) -> ObjectId {
        match self.apply(&[operation]).remove(0) {
            Outcome::Done(id) | Outcome::Stands(id) => id,
            Outcome::Failed(fault) => panic!("{fault:?}"),
        }
    }

    fn fault(&self, operation: Operation) -> Fault {
        failed(self.apply(&[operation]).remove(0))
    }

    fn find(&self, queries: &[LookupQuery]) -> Vec<Vec<TargetObject>> {
        self.world
            .store
            .write(|tx| Ok::<_, StoreError>(self.target.find(tx, queries).unwrap()))
            .unwrap()
    }

    fn matching(&self, anchor: &str) -> Vec<TargetObject> {
        let attr = Attr::ALTERNATIVE_SECURITY_IDS;
        self.find(&[LookupQuery::Matching {
            kind: USER,
            attr,
            value: Value::text(anchor),
        }])
        .remove(0)
    }

    fn stored(&self, id: ObjectId) -> Stored {
        self.world
            .store
            .read(|reader| reader.object(self.world.fabrikam.id, id))
            .unwrap()
            .unwrap()
    }

    /// A user of fabrikam itself.
    fn internal(&self, alias: &str, more: Attrs) -> ObjectId {
        let name = more.with(
            Attr::USER_PRINCIPAL_NAME,
            format!("{alias}@fabrikam.example"),
        );
        self.world
            .write_in(&self.world.fabrikam, |tx, context| {
                users::create(tx, context, new_user(alias, name))
            })
            .unwrap()
            .entry
            .id
    }
}

fn failed(outcome: Outcome) -> Fault {
    match outcome {
        Outcome::Failed(fault) => fault,
        Outcome::Done(id) | Outcome::Stands(id) => panic!("done: {id}"),
    }
}
