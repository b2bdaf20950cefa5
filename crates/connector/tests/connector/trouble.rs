//! A target in memory fails as it is told.

use syncline_connector::Target;
use syncline_connector::suite::target::TargetFixture;
use syncline_engine::{Fault, FaultKind, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::{Attr, EntityKind, Value};
use syncline_store::StoreError;

use crate::world::Partner;

fn broken() -> Fault {
    Fault {
        kind: FaultKind::Unavailable,
        code: "WebExceptionProtocolError".to_owned(),
        message: "told to".to_owned(),
        action: None,
        transient: true,
    }
}

impl Partner {
    fn creates(&self, aliases: &[&str]) -> Result<Vec<Outcome>, Fault> {
        let operations: Vec<Operation> = aliases
            .iter()
            .map(|alias| Operation::Create {
                kind: EntityKind::User,
                attrs: self.person(alias),
                left_empty: Vec::new(),
            })
            .collect();
        self.database
            .store
            .write(|tx| Ok::<_, StoreError>(self.target.apply(tx, &operations)))
            .unwrap()
    }

    fn matching(&self, alias: &str) -> Result<Vec<TargetObject>, Fault> {
        let query = LookupQuery::Matching {
            kind: EntityKind::User,
            attr: Attr::ALTERNATIVE_SECURITY_IDS,
            value: Value::text(format!("5::{alias}")),
        };
        self.database
            .store
            .write(|tx| Ok::<_, StoreError>(self.target.find(tx, &[query])))
            .unwrap()
            .map(|mut found| found.remove(0))
    }
}

#[test]
fn a_failed_apply_does_nothing_until_the_target_recovers() {
    let it = Partner::empty();
    it.target.fail_applies(broken());
    assert_eq!(it.creates(&["megan", "max"]), Err(broken()));
    assert!(it.target.objects().is_empty());
    assert_eq!(it.matching("megan"), Ok(Vec::new()));
    it.target.recover();
    assert_eq!(it.creates(&["megan", "max"]).unwrap().len(), 2);
    assert_eq!(it.target.objects().len(), 2);
}

#[test]
fn a_lost_answer_leaves_what_was_done_to_be_found() {
    let it = Partner::empty();
    it.target.lose_answers(broken());
    assert_eq!(it.creates(&["megan"]), Err(broken()));
    it.target.recover();
    assert_eq!(it.matching("megan").unwrap().len(), 1);
    let again = it.creates(&["megan"]).unwrap().remove(0);
    assert!(matches!(again, Outcome::Failed(fault) if fault.kind == FaultKind::Conflict));
    assert_eq!(it.target.objects().len(), 1);
}

#[test]
fn one_object_fails_for_itself() {
    let it = Partner::empty();
    it.target.fail_operations(|operation| match operation {
        Operation::Create { attrs, .. } if attrs.text(Attr::DISPLAY_NAME) == Some("max") => {
            Some(broken())
        }
        _ => None,
    });
    let outcomes = it.creates(&["megan", "max", "moritz"]).unwrap();
    assert!(
        matches!(
            &outcomes[..],
            [Outcome::Done(_), Outcome::Failed(fault), Outcome::Done(_)] if *fault == broken()
        ),
        "{outcomes:?}"
    );
    assert_eq!(it.matching("max"), Ok(Vec::new()));
}

#[test]
fn look_ups_fail_by_themselves() {
    let it = Partner::empty();
    it.target.fail_lookups(broken());
    assert_eq!(it.matching("megan"), Err(broken()));
    assert!(matches!(
        it.creates(&["megan"]).unwrap()[..],
        [Outcome::Done(_)]
    ));
}
