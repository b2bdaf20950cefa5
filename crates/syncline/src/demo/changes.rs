//! A day in Contoso: somebody leaves, somebody moves, somebody is deleted.

use http::{Method, StatusCode};
use serde_json::json;

use super::client::Tenant;
use super::names::DEPARTMENTS;
use super::population::{Person, Rank};
use crate::failure::Failure;
use crate::output;

/// Changes three people who are synchronized, over HTTPS.
pub async fn make(source: &Tenant, people: &[Person]) -> Result<(), Failure> {
    let mut candidates = people
        .iter()
        .filter(|it| in_target(it) && it.rank == Rank::Staff);
    let (Some(leaver), Some(mover), Some(gone)) =
        (candidates.next(), candidates.next(), candidates.next())
    else {
        return Err(Failure::new(
            "too few people for the changes; give --users a larger number",
        ));
    };
    output::line("\nA day later in Contoso");
    let user = |person: &Person| format!("/v1.0/users/{}", person.user_principal_name);
    let name = |person: &Person| format!("{} {}", person.given_name, person.surname);

    output::line(&format!("  {} leaves:", name(leaver)));
    let left = json!({ "accountEnabled": false });
    source
        .call(
            Method::PATCH,
            &user(leaver),
            Some(left),
            StatusCode::NO_CONTENT,
        )
        .await?;

    output::line(&format!("  {} moves to Marketing:", name(mover)));
    let moved = json!({ "department": "Marketing" });
    source
        .call(
            Method::PATCH,
            &user(mover),
            Some(moved),
            StatusCode::NO_CONTENT,
        )
        .await?;

    output::line(&format!("  {} is deleted:", name(gone)));
    source
        .call(Method::DELETE, &user(gone), None, StatusCode::NO_CONTENT)
        .await?;
    Ok(())
}

/// Whether the first cycle brings this person to the target.
pub fn in_target(person: &Person) -> bool {
    person.enabled
        && person
            .department
            .is_some_and(|place| DEPARTMENTS[place].assigned)
}
