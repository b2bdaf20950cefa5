//! Filters that are a list of ids.

use syncline_model::Attr;
use syncline_odata::values_of;

use crate::bind_user;

#[test]
fn lists_of_ids() {
    let values = |text: &str| {
        let predicate = bind_user(text).unwrap();
        values_of(&predicate, Attr::ID).map(|values| values.len())
    };
    let (a, b) = (
        "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111",
        "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a2222",
    );
    assert_eq!(values(&format!("id eq '{a}'")), Some(1));
    assert_eq!(values(&format!("id eq '{a}' or id eq '{b}'")), Some(2));
    assert_eq!(values(&format!("id in ('{a}','{b}')")), Some(2));
    assert_eq!(values(&format!("id eq '{a}' or mail eq 'x'")), None);
    assert_eq!(values(&format!("id eq '{a}' and id eq '{b}'")), None);
    assert_eq!(values(&format!("id ne '{a}'")), None);
}
