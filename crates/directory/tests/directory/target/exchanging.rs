//! Objects that exchange unique values in one page.

use syncline_engine::{FaultKind, Outcome};
use syncline_model::{Attr, Attrs, ObjectId, Value};

use super::{Targeted, create, failed, mapped, targeted, update};

fn address(name: &str) -> String {
    format!("{name}@contoso.example")
}

fn with_mail(it: &Targeted, name: &str) -> ObjectId {
    it.done(create(mapped(name).with(Attr::MAIL, address(name))))
}

/// Gives everybody another one's address, and says who got it.
fn renamed(it: &Targeted, wishes: &[(ObjectId, &str)]) -> Vec<bool> {
    let operations: Vec<_> = wishes
        .iter()
        .map(|(id, name)| update(*id, Attr::MAIL, Some(Value::text(address(name)))))
        .collect();
    let outcomes = it.apply(&operations);
    for ((id, name), outcome) in wishes.iter().zip(&outcomes) {
        let has_it = it.stored(*id).entry.text(Attr::MAIL) == Some(address(name).as_str());
        assert_eq!(has_it, matches!(outcome, Outcome::Done(_)), "{name}");
        if !has_it {
            assert_eq!(failed(outcome.clone()).kind, FaultKind::Conflict);
        }
    }
    outcomes
        .iter()
        .map(|it| matches!(it, Outcome::Done(_)))
        .collect()
}

#[test]
fn a_round_of_names_is_exchanged_at_once() {
    let it = targeted();
    let [ana, bea, cem] = ["ana", "bea", "cem"].map(|name| with_mail(&it, name));
    assert_eq!(renamed(&it, &[(ana, "bea"), (bea, "ana")]), [true, true]);
    let round = [(ana, "ana"), (bea, "cem"), (cem, "bea")];
    assert_eq!(renamed(&it, &round), [true; 3]);
    // Nobody holds a value that somebody else has by now.
    assert_eq!(renamed(&it, &[(bea, "dora")]), [true]);
    assert_eq!(renamed(&it, &[(ana, "cem")]), [true]);
}

#[test]
fn whoever_wants_what_nobody_gives_up_does_not_get_it() {
    let it = targeted();
    let [ana, bea, cem, dora] = ["ana", "bea", "cem", "dora"].map(|name| with_mail(&it, name));
    let internal = Attrs::new().with(Attr::MAIL, address("kai"));
    it.internal("kai", internal);
    // One more than the two who swap wants the same.
    assert_eq!(
        renamed(&it, &[(ana, "bea"), (bea, "ana"), (cem, "ana")]),
        [true, true, false]
    );
    // It would be free if Cem got that of an internal user.
    assert_eq!(
        renamed(&it, &[(dora, "cem"), (cem, "kai"), (ana, "dora")]),
        [false; 3]
    );
    // Two others are none of theirs.
    assert_eq!(
        renamed(
            &it,
            &[(dora, "cem"), (ana, "ana"), (cem, "kai"), (bea, "bea")]
        ),
        [false, true, false, true]
    );
}
