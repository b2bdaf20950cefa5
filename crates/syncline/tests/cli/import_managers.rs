//! `import` of people whose manager is not imported.

use serde_json::{Value, json};

use crate::people::World;
use crate::support::Syncline;

const HEADER: &str = "userPrincipalName,displayName,manager\n";

/// The rows from the top down, and from the bottom up.
fn both_orders<const N: usize>(rows: [&str; N]) -> [String; 2] {
    let down: String = rows.iter().copied().collect();
    let up: String = rows.iter().rev().copied().collect();
    [down, up].map(|rows| format!("{HEADER}{rows}"))
}

fn counts(summary: &Value) -> [&Value; 3] {
    ["created", "managersSet", "skipped"].map(|it| &summary[it])
}

#[test]
fn whoever_has_a_manager_whose_row_is_left_out_is_imported_without_one() {
    let reports = [
        "ana@contoso.example,Ana,boss@contoso.example\n",
        "bo@contoso.example,Bo,Boss@contoso.example\n",
        "cy@contoso.example,Cy,ana@contoso.example\n",
    ];
    for boss in [
        "boss@contoso.example,,\n",
        "boss@contoso.example,Souza, Ana,\n",
        "boss@contoso.example,Boss,ghost@contoso.example\n",
    ] {
        for users in both_orders([boss, reports[0], reports[1], reports[2]]) {
            let syncline = Syncline::new();
            syncline.tenant("contoso");
            let users = syncline.file("users.csv", users.as_bytes());
            let import = ["import", "--tenant", "contoso.example", &users];
            let said = syncline.fails(&import);
            assert!(said.contains("1 row is not valid; nothing was"), "{said}");

            let skip = [&import[..], &["--skip-invalid"]].concat();
            let summary = syncline.json(&skip);
            assert_eq!(counts(&summary), [&json!(3), &json!(1), &json!(1)]);
            let warning = "2 people are imported without their manager, whose own row is left out";
            assert_eq!(summary["warnings"], json!([warning]), "{boss}");
        }
    }
}

#[tokio::test]
async fn so_is_whoever_has_a_manager_who_stays_in_the_recycle_bin() {
    let rows = [
        "ana@contoso.example,Ana,\n",
        "dee@contoso.example,Dee,ana@contoso.example\n",
    ];
    for users in both_orders(rows) {
        let world = World::new().await;
        world.delete("ana").await;
        world.syncline.file("users.csv", users.as_bytes());
        let said = world.syncline.fails(&world.arguments(&[]));
        assert!(said.contains("1 row is not valid; nothing was"), "{said}");
        let summary = world.import(&["--skip-invalid"]);
        assert_eq!(counts(&summary), [&json!(1), &json!(0), &json!(1)]);
        let warning = "1 person is imported without the manager, whose own row is left out";
        assert_eq!(summary["warnings"], json!([warning]));
    }
}

/// He is there, whatever his row says.
#[test]
fn a_manager_who_is_in_the_tenant_is_set_though_his_row_is_left_out() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let import = |rows: &str, more: &[&str]| {
        let users = syncline.file("users.csv", format!("{HEADER}{rows}").as_bytes());
        let all = ["import", "--tenant", "contoso.example", &users];
        syncline.json(&[&all[..], more].concat())
    };
    import("boss@contoso.example,Boss,\n", &[]);
    let rows = "boss@contoso.example,,\nana@contoso.example,Ana,boss@contoso.example\n";
    let summary = import(rows, &["--skip-invalid"]);
    assert_eq!(counts(&summary), [&json!(1), &json!(1), &json!(1)]);
    assert_eq!(summary["warnings"], Value::Null);
}
