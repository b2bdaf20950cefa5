//! Whether the target may be written to.

use syncline_connector::Target;
use syncline_engine::{FaultKind, Operation, Outcome};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Attr, Attrs, EntityKind, Value};
use syncline_store::{ObjectState, StoreError};

use super::{create, failed, mapped, targeted};
use crate::policy::{allow, allow_groups};

#[test]
fn the_policies_of_both_tenants_decide() {
    let it = targeted();
    let permits = || {
        it.world
            .store
            .write(|tx| Ok::<_, StoreError>(it.target.permits(tx).unwrap()))
            .unwrap()
    };
    assert_eq!(
        permits(),
        Err(PolicyRefusal::InboundSynchronizationNotAllowed)
    );
    allow(&it.world);
    assert_eq!(permits(), Ok(()));
}

#[test]
fn groups_need_a_consent_of_their_own_and_lose_it_at_once() {
    let it = targeted();
    allow(&it.world);
    let group = |anchor: &str| Operation::Create {
        kind: EntityKind::Group,
        attrs: Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, anchor)
            .with(Attr::DISPLAY_NAME, anchor),
        left_empty: Vec::new(),
    };
    // The refused group stands between two people, who are created as themselves.
    let mut outcomes = it.apply(&[
        create(mapped("megan")),
        group("sales"),
        create(mapped("max")),
    ]);
    assert_eq!(
        failed(outcomes.remove(1)).code,
        PolicyRefusal::CODE,
        "{outcomes:?}"
    );
    assert!(
        outcomes.iter().all(|it| matches!(it, Outcome::Done(_))),
        "{outcomes:?}"
    );
    let [megan, max] = ["megan", "max"].map(|alias| it.matching(&format!("5::{alias}")).remove(0));
    assert_eq!(megan.entry.text(Attr::DISPLAY_NAME), Some("megan"));
    assert_eq!(max.entry.text(Attr::DISPLAY_NAME), Some("max"));

    allow_groups(&it.world, true);
    let sales = it.done(group("sales"));
    allow_groups(&it.world, false);
    let kind = EntityKind::Group;
    for operation in [
        Operation::Update {
            kind,
            target: sales,
            set: vec![(Attr::DISPLAY_NAME, Some(Value::text("x")))],
        },
        Operation::AddReference {
            kind,
            target: sales,
            attr: Attr::MEMBERS,
            to: megan.entry.id,
        },
        Operation::SoftDelete {
            kind,
            target: sales,
        },
        Operation::HardDelete {
            kind,
            target: sales,
        },
    ] {
        let fault = it.fault(operation.clone());
        assert_eq!(fault.code, PolicyRefusal::CODE, "{operation:?}");
        assert_eq!(fault.kind, FaultKind::Forbidden, "{operation:?}");
    }
    assert_eq!(it.stored(sales).state, ObjectState::Live);
}
