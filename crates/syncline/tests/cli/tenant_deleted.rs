//! `tenant delete`: what is told before, what is gone at once and what in the end, and what stays with others.

use std::process::Stdio;

use serde_json::{Value, json};
use syncline_model::{Problem, TenantId};
use syncline_store::{Database, MasterKey, Store};

use crate::configuration::installation;
use crate::support::{Server, Syncline, stderr, stdout, token, token_answer};

pub const DELETE: [&str; 4] = ["tenant", "delete", "--tenant", "fabrikam.example"];
const CONFIRM: [&str; 2] = ["--confirm", "fabrikam.example"];

fn delete(more: &[&'static str]) -> Vec<&'static str> {
    [&DELETE[..], more].concat()
}

fn tenants(syncline: &Syncline) -> Vec<String> {
    let listed = syncline.json(&["tenant", "list"]);
    let all = listed["tenants"].as_array().unwrap().iter();
    all.map(|it| it["defaultDomain"].as_str().unwrap().to_owned())
        .collect()
}

fn id_of(syncline: &Syncline, domain: &str) -> String {
    let listed = syncline.json(&["tenant", "list"]);
    let all = listed["tenants"].as_array().unwrap();
    let found = all.iter().find(|it| it["defaultDomain"] == domain);
    found.unwrap()["tenantId"].as_str().unwrap().to_owned()
}

pub fn is_healthy(syncline: &Syncline) {
    let healthy = syncline.json(&["doctor"]);
    assert_eq!(healthy["healthy"], true, "{healthy:#}");
}

/// Lets it be gone, and removes a few of its rows, as whoever was killed then.
fn half_deleted(syncline: &Syncline, tenant: &str) -> u64 {
    let data = syncline.data();
    let key = MasterKey::load_or_create(&data.join("key")).unwrap();
    let store = Store::open_database(&Database::File(data.join("syncline.db")), &key).unwrap();
    let tenant: TenantId = tenant.parse().unwrap();
    let left = store.write(|tx| {
        tx.let_tenant_leave(tenant)?;
        tx.sweep_leaving_tenant(tenant, 3)?;
        Ok::<_, Problem>(tx.count_left_of(tenant)?)
    });
    left.unwrap()
}

#[test]
fn a_target_is_deleted_once_it_is_meant_and_nothing_runs_into_it() {
    let (syncline, job) = installation(3);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let id = id_of(&syncline, "fabrikam.example");
    let planned = syncline.json(&delete(&["--dry-run"]));
    assert_eq!(planned["deletion"], "planned");
    assert_eq!(planned["domain"], "fabrikam.example");
    let losses = &planned["losses"];
    assert_eq!(
        (&losses["users"], &losses["linksOfOthers"], &losses["links"]),
        (&json!(3), &json!(3), &json!(0)),
        "{planned}"
    );
    assert_eq!(losses["jobsOfOthers"][0]["jobId"], job.as_str());
    assert_eq!(losses["jobs"], json!([]));

    // Nobody is at a terminal here.
    let output = syncline
        .command(&DELETE)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("--confirm fabrikam.example"), "{said}");
    assert!(said.contains("3 users") && said.contains(&job), "{said}");
    for wrong in ["contoso.example", "yes", "fabrikam.onmicrosoft.com"] {
        let output = syncline.run(&delete(&["--confirm", wrong]));
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(stderr(&output).contains("nothing was deleted"));
    }
    let refused = syncline.fails(&delete(&CONFIRM));
    let pause = format!("`syncline jobs pause --job {job}`");
    assert!(refused.contains(&pause), "{refused}");
    assert_eq!(tenants(&syncline), ["contoso.example", "fabrikam.example"]);

    syncline.json(&["jobs", "pause", "--job", &job]);
    let deleted = syncline.json(&delete(&CONFIRM));
    assert_eq!(deleted["deletion"], "done", "{deleted}");
    assert_eq!(deleted["rowsLeft"], 0);
    assert!(deleted["rowsRemoved"].as_u64().unwrap() > 10, "{deleted}");
    assert_eq!(tenants(&syncline), ["contoso.example"]);
    is_healthy(&syncline);
    let refused = syncline.fails(&delete(&CONFIRM));
    assert!(refused.contains("there is no tenant"), "{refused}");

    // The configuration is Contoso's, and says what is wrong with it.
    syncline.json(&["jobs", "start", "--job", &job]);
    let failed = syncline.bad_news(&["jobs", "run", "--job", &job, "--wait"]);
    let failed = failed.to_string();
    assert!(
        failed.contains("AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"),
        "{failed}"
    );
    for shown in [&["jobs", "list"][..], &["jobs", "show", "--job", &job]] {
        let text = stdout(&syncline.run(shown));
        assert!(text.contains("a tenant that is not here"), "{text}");
    }
    for told in ["links", "plan", "explain"] {
        let mut command = vec![told, "--job", &job];
        command.extend(match told {
            "explain" => &["--user", "p0@contoso.example"][..],
            _ => &[],
        });
        let output = syncline.run(&command);
        let said = [stdout(&output), stderr(&output)].concat();
        assert!(said.contains("The target tenant does not exist"), "{said}");
    }
    is_healthy(&syncline);

    // Its domains are free; its id is nobody's.
    let create = ["tenant", "create", "--display-name", "New", "--domain"];
    let refused = syncline.fails(&[&create[..], &["new.example", "--id", &id]].concat());
    assert!(refused.contains("no other gets that id"), "{refused}");
    let made = syncline.json(&[&create[..], &["fabrikam.example"]].concat());
    assert_eq!(made["initialDomain"], "fabrikam.onmicrosoft.com");
    assert_eq!(tenants(&syncline), ["contoso.example", "fabrikam.example"]);
    is_healthy(&syncline);
}

#[test]
fn whom_a_source_has_synchronized_stays_when_it_is_deleted() {
    let (syncline, job) = installation(3);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let domain = ["domain", "remove", "--tenant", "contoso.example"];
    let remove = [&["tenant"][..], &domain, &["contoso.example"]].concat();
    let refused = syncline.fails(&remove);
    assert!(refused.contains("mappings of its jobs"), "{refused}");
    let delete = ["tenant", "delete", "--tenant", "contoso.example"];
    let planned = syncline.json(&[&delete[..], &["--dry-run"]].concat());
    let losses = &planned["losses"];
    assert_eq!(losses["jobs"], json!([job]));
    assert_eq!(
        (&losses["users"], &losses["links"], &losses["linksOfOthers"]),
        (&json!(3), &json!(3), &json!(0))
    );
    let text = stdout(&syncline.run(&[&delete[..], &["--dry-run"]].concat()));
    assert!(text.contains("Nothing was written"), "{text}");

    let confirmed = [&delete[..], &["--confirm", "Contoso.example"]].concat();
    assert!(syncline.fails(&confirmed).contains("jobs pause"));
    syncline.json(&["jobs", "pause", "--job", &job]);
    let text = stdout(&syncline.run(&confirmed));
    assert!(text.starts_with("Deleted: the tenant contoso"), "{text}");
    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["tenants"][0]["defaultDomain"], "fabrikam.example");
    assert_eq!(listed["tenants"][0]["users"], 3, "{listed}");
    assert_eq!(syncline.json(&["jobs", "list"])["jobs"], json!([]));
    is_healthy(&syncline);
}

#[test]
fn a_deletion_that_was_interrupted_is_gone_on_with() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let id = syncline.tenant("fabrikam")["tenantId"].clone();
    let id = id.as_str().unwrap();
    let left = half_deleted(&syncline, id);
    assert_eq!(tenants(&syncline), ["contoso.example"]);
    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["beingDeleted"][0]["tenantId"], id);
    let text = stdout(&syncline.run(&["tenant", "list"]));
    let goes_on = format!("`syncline tenant delete --tenant {id}` goes on");
    assert!(text.contains(&goes_on), "{text}");
    is_healthy(&syncline);
    let create = ["tenant", "create", "--display-name", "New", "--domain"];
    let add = ["tenant", "domain", "add", "--tenant", "contoso.example"];
    for take in [&create[..], &add[..]] {
        let refused = syncline.fails(&[take, &["fabrikam.example"]].concat());
        assert!(refused.contains(&goes_on), "{refused}");
    }
    // One whose initial domain would be the same gets another.
    let other = syncline.json(&[&create[..], &["fabrikam.test"]].concat());
    assert_eq!(other["initialDomain"], "fabrikam1.onmicrosoft.com");

    // So is what was backed up then.
    let file = syncline.file("half.backup", b"");
    syncline.json(&["backup", "--force", "--with-key", &file]);
    let planned = syncline.json(&delete(&["--dry-run"]));
    assert_eq!(planned["deletion"], "begun");
    assert_eq!(planned["rowsLeft"], left);
    // It was confirmed when it began.
    let deleted = syncline.json(&DELETE);
    assert_eq!(
        (&deleted["deletion"], &deleted["rowsRemoved"]),
        (&json!("done"), &json!(left))
    );
    is_healthy(&syncline);
    let again = Syncline::new();
    again.json(&["restore", &file]);
    is_healthy(&again);
    assert_eq!(
        again.json(&["tenant", "list"])["beingDeleted"][0]["tenantId"],
        id
    );
    let deleted = again.json(&["tenant", "delete", "--tenant", id]);
    assert_eq!(
        (&deleted["deletion"], &deleted["rowsRemoved"]),
        (&json!("done"), &json!(left))
    );
    is_healthy(&again);
}

/// What a request is answered with.
pub async fn status(server: &Server, token: &str, path: &str) -> (u16, Value) {
    let request = server
        .client()
        .get(format!("{}/v1.0/{path}", server.origin));
    let answer = request.bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn no_token_of_it_is_good_any_more_and_nobody_gets_one() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    let (contoso, fabrikam) = (syncline.tenant("contoso"), syncline.tenant("fabrikam"));
    let kept = token(&server, &contoso).await;
    let lost = token(&server, &fabrikam).await;
    for token in [&kept, &lost] {
        assert_eq!(status(&server, token, "users").await.0, 200);
    }
    let deleted = syncline.json(&delete(&CONFIRM));
    assert_eq!(deleted["deletion"], "done");
    let (code, told) = status(&server, &lost, "users").await;
    assert_eq!(code, 401, "{told}");
    assert_eq!(told["error"]["code"], "InvalidAuthenticationToken");
    assert_eq!(status(&server, &kept, "users").await.0, 200);
    let told = token_answer(&server, &fabrikam, &fabrikam["application"]).await;
    assert!(told.to_string().contains("AADSTS90002"), "{told}");
    let id = fabrikam["tenantId"].as_str().unwrap();
    let find = format!("tenantRelationships/findTenantInformationByTenantId(tenantId='{id}')");
    assert_eq!(status(&server, &kept, &find).await.0, 404);
    assert_eq!(server.stop(), Some(0));
}
