//! The schema that a file names.

use serde_json::Value;

use super::{BEGIN, POLICY, apply, changes, created, job, plan, refused, two_tenants};
use crate::configuration::{change_schema, installation};
use crate::jobs::nobody_of_sales;

#[test]
fn a_schema_comes_from_a_file_beside_it_whatever_job_it_was_exported_from() {
    let (other, exported_from) = installation(1);
    change_schema(&other, &exported_from, nobody_of_sales);
    let schema = other.json(&["schema", "export", "--job", &exported_from]);

    let syncline = two_tenants();
    syncline.file("schema.json", schema.to_string().as_bytes());
    let wanted = format!("{POLICY}    scope: all\n    schema: schema.json\n");
    assert!(changes(&plan(&syncline, &wanted)).contains(&"saveSchema"));
    let applied = apply(&syncline, &wanted);
    assert!(changes(&applied).contains(&"saveSchema"));
    let job = job(&applied);
    // Ben and Chi are of Sales.
    assert_eq!(created(&syncline, &job), 1);
    assert_eq!(changes(&apply(&syncline, &wanted)), Vec::<&str>::new());

    // What it does is said before it is saved, too.
    let file = syncline.file("schema.json", schema.to_string().as_bytes());
    let planned = syncline.json(&["plan", "--job", &job, "--file", &file]);
    assert_eq!(planned["counts"]["created"], 1);

    // Somebody changes it; the file has the last word, and says so.
    let own = syncline.json(&["schema", "export", "--job", &job]);
    assert_ne!(
        own["synchronizationRules"][0]["id"],
        schema["synchronizationRules"][0]["id"]
    );
    change_schema(&syncline, &job, |schema| {
        let rule = &mut schema["synchronizationRules"][0];
        rule["objectMappings"][0]["scope"] = Value::Null;
    });
    assert_eq!(created(&syncline, &job), 3);
    assert_eq!(changes(&plan(&syncline, &wanted)), ["saveSchema"]);
    assert_eq!(changes(&apply(&syncline, &wanted)), ["saveSchema"]);
    assert_eq!(created(&syncline, &job), 1);

    // One that would not be taken is told by a plan, and before there is a job.
    let broken = schema
        .to_string()
        .replace("[userPrincipalName]", "[nobodyKnows]");
    assert_ne!(broken, schema.to_string());
    syncline.file("schema.json", broken.as_bytes());
    for name in ["Fabrikam", "Another"] {
        let text = format!("{BEGIN}{wanted}").replace("name: Fabrikam", &format!("name: {name}"));
        let file = syncline.file("sync.yaml", text.as_bytes());
        for command in [vec!["plan", "--file", &file], vec!["apply", &file]] {
            let said = refused(&syncline, &command);
            assert!(said.contains("schema.json cannot be saved"), "{said}");
        }
    }
    assert_eq!(created(&syncline, &job), 1);
}
