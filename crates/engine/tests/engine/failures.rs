//! For whom somebody who failed waits.

use syncline_engine::Failure;
use syncline_model::ObjectId;
use uuid::Uuid;

#[test]
fn a_target_object_that_is_somebody_elses_says_whose_it_is() {
    let [target, holder] = [1, 2].map(|number| ObjectId(Uuid::from_u128(number)));
    for failure in [
        Failure::duplicate_source(target, holder),
        Failure::same_anchor(holder),
    ] {
        assert_eq!(failure.held_by, Some(holder));
        // What is kept of it says so by its reason alone, as all of them did.
        let kept = serde_json::to_string(&failure).unwrap();
        let kept: Failure = serde_json::from_str(&kept).unwrap();
        assert_eq!(
            (kept.held_by, kept.held_by_its_reason()),
            (None, Some(holder))
        );
    }
    let other = Failure::new(Failure::CONFLICT, format!("taken by {holder}"));
    assert_eq!((other.held_by, other.held_by_its_reason()), (None, None));
}
