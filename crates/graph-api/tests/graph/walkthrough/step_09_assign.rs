//! Step 9: the source tenant assigns people to the configuration.

use serde_json::json;

use crate::world::{id, text};

use super::walk::Walk;

pub fn run(walk: &mut Walk<'_>) {
    let principal = walk.configuration.service_principal.clone();
    let roles = walk.v1(&format!("/servicePrincipals/{principal}?$select=appRoles"));
    let roles = walk.line("9.3").ok(&walk.source.get(&roles));
    // Its value is null: it is found by its name.
    let role = roles["appRoles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["displayName"] == "msiam_access");
    walk.line("9.3")
        .holds(role.is_some(), "there is a role msiam_access");
    walk.configuration.role = id(role.unwrap());

    let url = walk.v1(&format!("/servicePrincipals/{principal}/appRoleAssignedTo"));
    let ada = json!({
        "appRoleId": walk.configuration.role,
        "resourceId": principal,
        "principalId": walk.people.ada,
    });
    // 9.5: nobody here holds AppRoleAssignment.ReadWrite.All.
    let made = walk
        .line("9.1, 9.5")
        .created(&walk.source.post(&url, ada.clone()));
    walk.line("9.2").contains(
        &made,
        &json!({
            "@odata.context":
                walk.context("v1.0", &format!("servicePrincipals('{principal}')/appRoleAssignedTo/$entity")),
            "deletedDateTime": null,
            "appRoleId": walk.configuration.role,
            "principalDisplayName": "ada",
            "principalId": walk.people.ada,
            "principalType": "User",
            "resourceDisplayName": "Fabrikam",
            "resourceId": principal,
        }),
    );
    walk.line("9.2")
        .holds(!id(&made).is_empty(), "it has an id");
    let created = text(&made, "createdDateTime");
    walk.line("9.2").holds(is_a_time(&created), &created);

    for (key, wrong) in [
        ("resourceId", &walk.people.ada),
        ("appRoleId", &walk.people.cleo),
    ] {
        let mut body = ada.clone();
        body[key] = wrong.as_str().into();
        let answer = walk.source.post(&url, body);
        walk.line("9.3").holds(
            [400, 404].contains(&answer.status),
            &format!("wrong {key}: {}", answer.text()),
        );
    }
    let bea = json!({
        "AppRoleId": walk.configuration.role,
        "ResourceId": principal,
        "PrincipalId": walk.people.bea,
    });
    walk.line("9.3").created(&walk.source.post(&url, bea));

    let error = walk.line("9.4").problem(
        &walk.source.post(&url, ada.clone()),
        400,
        "Request_BadRequest",
    );
    walk.line("9.4").holds(
        text(&error, "message").contains("Permission being assigned already exists on the object"),
        &text(&error, "message"),
    );

    let mut dora = ada;
    dora["principalId"] = walk.people.dora.as_str().into();
    walk.line("9.1").created(&walk.source.post(&url, dora));
}

/// RFC 3339 with at most seven fraction digits and `Z`.
fn is_a_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked("2022-12-10T12:00:00".len()) else {
        return false;
    };
    let fraction = rest.trim_end_matches('Z').trim_start_matches('.');
    date.as_bytes()[10] == b'T'
        && rest.ends_with('Z')
        && fraction.len() <= 7
        && fraction.bytes().all(|it| it.is_ascii_digit())
}
