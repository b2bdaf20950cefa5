//! Who a file says is assigned.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    POLICY, apply, as_contoso, changes, created, file, job, plan, refused, service_principal,
    two_tenants,
};

#[test]
fn of_two_groups_with_one_name_one_is_named_by_its_id() {
    let syncline = two_tenants();
    let group = json!({
        "displayName": "Sales",
        "mailEnabled": false,
        "mailNickname": "sales2",
        "securityEnabled": true,
    });
    let [group] = as_contoso(&syncline, [(Method::POST, "groups", group)]);
    let id = group["id"].as_str().unwrap();
    let by_name = file(&syncline, "    assigned: { groups: [Sales] }\n");
    let said = refused(&syncline, &["apply", &by_name]);
    assert!(
        said.contains("2 groups of contoso.example have the name `Sales`"),
        "{said}"
    );
    assert!(said.contains(id), "{said}");
    let by_id = format!("{POLICY}    assigned: {{ groups: ['{id}'] }}\n");
    let applied = apply(&syncline, &by_id);
    assert_eq!(created(&syncline, &job(&applied)), 0);
    assert_eq!(changes(&apply(&syncline, &by_id)), Vec::<&str>::new());
}

#[test]
fn of_a_kind_that_the_file_leaves_out_all_stay_assigned() {
    let syncline = two_tenants();
    let both = "    assigned: { users: [ana@contoso.example], groups: [Sales] }\n";
    let applied = apply(&syncline, &format!("{POLICY}{both}"));
    // Kinds have the names that Graph has for them, as everywhere.
    let kinds = |answer: &Value| -> Vec<Value> {
        let all = answer["configurations"][0]["changes"].as_array().unwrap();
        let kinds = all.iter().map(|it| it["kind"].clone());
        kinds.filter(|it| !it.is_null()).collect()
    };
    let mut made = kinds(&applied);
    made.sort_by_key(Value::to_string);
    assert_eq!(made, ["group", "user"]);
    let nobody = "    assigned: { users: [] }\n";
    assert_eq!(kinds(&plan(&syncline, nobody)), ["user"]);
    let job = job(&applied);
    // A service principal is none of those who are synchronized, and stays, too.
    let configuration = &service_principal(&syncline, &job);
    let [principals] = as_contoso(
        &syncline,
        [(Method::GET, "servicePrincipals?$top=50", json!(null))],
    );
    let robots = principals["value"].as_array().unwrap().iter();
    let mut robots = robots.filter(|it| it["id"] != configuration.as_str());
    let robot = &robots.next().unwrap()["id"];
    let assigned = format!("servicePrincipals/{configuration}/appRoleAssignedTo");
    let assignment = json!({
        "principalId": robot,
        "resourceId": configuration,
        "appRoleId": "00000000-0000-0000-0000-000000000000",
    });
    as_contoso(&syncline, [(Method::POST, &assigned, assignment)]);

    for same in [both, "    assigned: {}\n", "    assigned:\n"] {
        assert_eq!(changes(&apply(&syncline, same)), Vec::<&str>::new());
    }
    for same in ["users: [ana@contoso.example]", "groups: [sales]"] {
        let same = format!("    assigned: {{ {same} }}\n");
        assert_eq!(changes(&apply(&syncline, &same)), Vec::<&str>::new());
    }
    let nobody = file(&syncline, "    assigned: { users: [], groups: [] }\n");
    let answer = syncline.json(&["apply", &nobody, "--remove"]);
    assert_eq!(changes(&answer), ["unassign", "unassign"]);
    let [left] = as_contoso(&syncline, [(Method::GET, &assigned, json!(null))]);
    assert_eq!(left["value"].as_array().unwrap().len(), 1, "{left}");
    assert_eq!(&left["value"][0]["principalId"], robot);
}

#[test]
fn what_has_no_effect_is_remarked() {
    let syncline = two_tenants();
    let group = json!({
        "displayName": "Everybody",
        "groupTypes": ["Unified"],
        "mailEnabled": true,
        "mailNickname": "everybody",
        "securityEnabled": false,
    });
    as_contoso(&syncline, [(Method::POST, "groups", group)]);
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let answer = apply(&syncline, "    assigned: { groups: [Everybody] }\n");
    let remarks = &answer["configurations"][0]["remarks"];
    assert!(
        remarks[0]
            .as_str()
            .unwrap()
            .contains("Everybody is no security group"),
        "{remarks}"
    );
    assert!(
        remarks[1]
            .as_str()
            .unwrap()
            .contains("who is assigned makes no difference"),
        "{remarks}"
    );
    assert_eq!(created(&syncline, &job), 3);
}

/// More than are looked up, assigned or taken out at once.
#[test]
fn of_many_all_are_found_and_assigned() {
    const MANY: usize = 1_100;
    const GONE: usize = 1_060;
    let syncline = two_tenants();
    let name = |number: usize| format!("p{number}@contoso.example");
    let mut people = "userPrincipalName,displayName\n".to_owned();
    for number in 0..MANY {
        people.push_str(&format!("{},P{number}\n", name(number)));
    }
    let people = syncline.file("many.csv", people.as_bytes());
    syncline.json(&["import", "--tenant", "contoso.example", &people]);
    let assigned = |from: usize| {
        let names: Vec<String> = (from..MANY).map(|it| name(it).to_uppercase()).collect();
        // Somebody may stand there twice.
        let names = format!("{}, {}", names.join(", "), name(MANY - 1));
        format!("    assigned: {{ users: [{names}], groups: [sales] }}\n")
    };
    let all = assigned(0);
    let applied = apply(&syncline, &format!("{POLICY}{all}"));
    let count = |answer: &Value, what: &str| {
        let all = changes(answer).into_iter();
        all.filter(|it| *it == what).count()
    };
    assert_eq!(count(&applied, "assign"), MANY + 1);
    assert_eq!(created(&syncline, &job(&applied)), MANY + 2);

    let fewer = file(&syncline, &assigned(GONE));
    let answer = syncline.json(&["apply", &fewer, "--remove"]);
    assert_eq!(count(&answer, "unassign"), GONE);
    assert_eq!(created(&syncline, &job(&applied)), MANY + 2 - GONE);
    assert_eq!(
        changes(&apply(&syncline, &assigned(GONE))),
        Vec::<&str>::new()
    );
    // One of them is nobody.
    let wrong = all.replace("P1050@", "Q1050@");
    let said = refused(&syncline, &["apply", &file(&syncline, &wrong)]);
    assert!(
        said.contains("there is no user `Q1050@CONTOSO.EXAMPLE`"),
        "{said}"
    );
}

/// A cycle takes no notice of a leaver: neither is nobody to know why the file is refused.
#[test]
fn whoever_lies_in_the_recycle_bin_is_told_from_somebody_who_never_was() {
    let syncline = two_tenants();
    let both =
        "    assigned: { users: [ana@contoso.example, ben@contoso.example], groups: [Sales] }\n";
    apply(&syncline, &format!("{POLICY}{both}"));
    let none = json!(null);
    let [ben, groups] = as_contoso(
        &syncline,
        [
            (Method::GET, "users/ben@contoso.example", none.clone()),
            (Method::GET, "groups", none.clone()),
        ],
    );
    let [ben, sales] = [&ben["id"], &groups["value"][0]["id"]].map(|id| id.as_str().unwrap());
    let [user, group] = [format!("users/{ben}"), format!("groups/{sales}")];
    as_contoso(&syncline, [(Method::DELETE, &user, none.clone())]);
    for name in ["Ben@contoso.example", ben] {
        let named = file(&syncline, &both.replace("ben@contoso.example", name));
        for command in [&["apply", &named][..], &["plan", "--file", &named]] {
            let said = refused(&syncline, command);
            for part in [
                &format!(
                    "the user `{name}` of contoso.example is in the recycle bin: take the name out of the file, or restore it"
                ),
                &format!(
                    "`syncline deleted restore --tenant contoso.example --user \"{name}\"` brings it back"
                ),
            ] {
                assert!(said.contains(part), "{part}: {said}");
            }
        }
    }
    let without = both.replace(", ben@contoso.example", "");
    assert_eq!(changes(&plan(&syncline, &without)), Vec::<&str>::new());

    as_contoso(&syncline, [(Method::DELETE, &group, none)]);
    for name in ["Sales", sales] {
        let named = file(&syncline, &without.replace("Sales", name));
        let said = refused(&syncline, &["apply", &named]);
        let part = format!("the group `{name}` of contoso.example is in the recycle bin");
        assert!(said.contains(&part), "{part}: {said}");
    }
    let nobody = file(&syncline, &without.replace("Sales", "Slaes"));
    let said = refused(&syncline, &["apply", &nobody]);
    assert!(said.contains("there is no group `Slaes`"), "{said}");
}
