//! `tenant create` and `tenant list`, and the files they leave.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::{Syncline, names_in, stdout, token};

#[test]
fn a_tenant_is_created_with_an_application_and_no_user() {
    let syncline = Syncline::new();
    let created = syncline.json(&[
        "tenant",
        "create",
        "--domain",
        "contoso.example",
        "--display-name",
        "Contoso",
    ]);
    assert_eq!(created["initialDomain"], "contoso.onmicrosoft.com");
    assert!(created["admin"].is_null());
    assert_eq!(
        created["application"]["clientSecret"]
            .as_str()
            .unwrap()
            .len(),
        43
    );

    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["tenants"][0]["tenantId"], created["tenantId"]);
    assert_eq!(listed["tenants"][0]["defaultDomain"], "contoso.example");
    assert_eq!(listed["tenants"][0]["users"], 0);
}

#[test]
fn an_administrator_gets_a_password_and_an_id_can_be_chosen() {
    let syncline = Syncline::new();
    let id = "11111111-2222-4333-8444-555555555555";
    let created = syncline.json(&[
        "tenant",
        "create",
        "--domain",
        "fabrikam.example",
        "--display-name",
        "Fabrikam",
        "--id",
        id,
        "--admin",
        "admin@fabrikam.example",
    ]);
    assert_eq!(created["tenantId"], id);
    assert_eq!(
        created["admin"]["userPrincipalName"],
        "admin@fabrikam.example"
    );
    assert!(created["admin"]["password"].as_str().unwrap().len() >= 20);
    assert_eq!(syncline.json(&["tenant", "list"])["tenants"][0]["users"], 1);
}

#[test]
fn what_can_not_be_created_says_why_and_creates_nothing() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    for (arguments, expected) in [
        (
            &["--domain", "contoso.example"][..],
            "verified in another tenant",
        ),
        (&["--domain", "no domain"], "not a domain name"),
        (
            &["--domain", "a.example", "--admin", "admin@b.example"],
            "domain portion",
        ),
    ] {
        let arguments: Vec<&str> = ["tenant", "create", "--display-name", "X"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let message = syncline.fails(&arguments);
        assert!(
            message.starts_with("error: ") && message.contains(expected),
            "{arguments:?}: {message}"
        );
    }
    assert_eq!(
        syncline.json(&["tenant", "list"])["tenants"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_domain_is_added_and_people_of_it_come_in() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    syncline.tenant("fabrikam");
    let people = b"userPrincipalName,displayName\nana@contoso.de,Ana\n";
    let people = syncline.file("people.csv", people);
    let import = ["import", "--tenant", "contoso.example", &people];
    let refused = syncline.fails(&import);
    assert!(
        refused.contains("`syncline tenant domain add` adds one"),
        "{refused}"
    );

    let add = ["tenant", "domain", "add", "--tenant", "contoso.example"];
    let all = ["contoso.example", "contoso.onmicrosoft.com", "contoso.de"];
    for (domain, added) in [("Contoso.de", true), ("contoso.de", false)] {
        let said = syncline.json(&[&add[..], &[domain]].concat());
        assert_eq!(said["added"], added, "{said}");
        assert_eq!(said["domains"], json!(all));
    }
    let text = stdout(&syncline.run(&[&add[..], &["contoso.de"]].concat()));
    assert!(text.contains("nothing to do"), "{text}");
    for (domain, why) in [
        ("fabrikam.example", "verified in another tenant"),
        ("no domain", "not a domain name"),
    ] {
        let refused = syncline.fails(&[&add[..], &[domain]].concat());
        assert!(refused.contains(why), "{refused}");
    }
    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["tenants"][0]["domains"], json!(all));
    assert_eq!(listed["tenants"][0]["defaultDomain"], "contoso.example");
    let fabrikam = json!(["fabrikam.example", "fabrikam.onmicrosoft.com"]);
    assert_eq!(listed["tenants"][1]["domains"], fabrikam);
    assert_eq!(syncline.json(&import)["created"], 1);
    assert_eq!(syncline.json(&["doctor"])["healthy"], true);

    // Also where a server works, which knows it at once.
    let server = syncline.serve(&["--no-scheduler"]);
    let by_new_name = ["tenant", "domain", "add", "--tenant", "contoso.de"];
    syncline.json(&[&by_new_name[..], &["contoso.fr"]].concat());
    let token = token(&server, &tenant).await;
    let get = async |path: &str| -> Value {
        let request = server
            .client()
            .get(format!("{}/v1.0/{path}", server.origin));
        let answer = request.bearer_auth(&token).send().await.unwrap();
        answer.json().await.unwrap()
    };
    for (path, list) in [
        ("organization", "/value/0/verifiedDomains"),
        ("domains", "/value"),
    ] {
        let answer = get(path).await;
        let told = answer.pointer(list).unwrap().to_string();
        for domain in ["contoso.example", "contoso.de", "contoso.fr"] {
            assert!(told.contains(&format!("\"{domain}\"")), "{domain}: {told}");
        }
    }
}

#[test]
fn a_domain_is_removed_when_nobody_has_anything_in_it() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let domain = |verb, domain| {
        [
            "tenant",
            "domain",
            verb,
            "--tenant",
            "contoso.example",
            domain,
        ]
    };
    syncline.json(&domain("add", "contoso.de"));
    let import = |who: &str| {
        let people = format!("userPrincipalName,displayName\n{who},Ana\n");
        let people = syncline.file("people.csv", people.as_bytes());
        syncline.run(&["import", "--tenant", "contoso.example", &people])
    };
    import("ana@contoso.de");
    let refused = syncline.fails(&domain("remove", "contoso.de"));
    assert!(refused.contains("1 object has"), "{refused}");
    assert!(refused.contains("user ana@contoso.de"), "{refused}");
    let refused = syncline.fails(&domain("remove", "contoso.onmicrosoft.com"));
    assert!(refused.contains("initial domain"), "{refused}");

    syncline.json(&domain("add", "contoso.fr"));
    for (name, removed) in [("Contoso.fr", true), ("contoso.fr", false)] {
        let said = syncline.json(&domain("remove", name));
        assert_eq!(said["removed"], removed, "{said}");
        let left = json!(["contoso.example", "contoso.onmicrosoft.com", "contoso.de"]);
        assert_eq!(said["domains"], left);
    }
    let text = stdout(&syncline.run(&domain("remove", "contoso.fr")));
    assert!(text.contains("nothing to do"), "{text}");
    assert!(!import("ben@contoso.fr").status.success());

    // It is free for others, and what was mistyped when the tenant was created goes like any other.
    syncline.tenant("fabrikam");
    let for_others = ["tenant", "domain", "add", "--tenant", "fabrikam.example"];
    syncline.json(&[&for_others[..], &["contoso.fr"]].concat());
    let said = syncline.json(&domain("remove", "contoso.example"));
    assert_eq!(
        said["domains"],
        json!(["contoso.de", "contoso.onmicrosoft.com"])
    );
    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["tenants"][0]["defaultDomain"], "contoso.de");
    assert_eq!(syncline.json(&["doctor"])["healthy"], true);
}

#[test]
fn a_tenant_gets_another_name() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    let rename = ["tenant", "rename", "--tenant", "contoso.example"];
    for changed in [true, false] {
        let said = syncline.json(&[&rename[..], &["Contoso Group"]].concat());
        assert_eq!(said["changed"], changed);
        assert_eq!(said["tenantId"], tenant["tenantId"]);
    }
    let refused = syncline.fails(&[&rename[..], &[" "]].concat());
    assert!(refused.contains("displayName"), "{refused}");
    let listed = &syncline.json(&["tenant", "list"])["tenants"][0];
    assert_eq!(listed["displayName"], "Contoso Group");
    assert_eq!(listed["defaultDomain"], "contoso.example");
}

#[test]
fn who_creates_a_tenant_twice_is_told_how_to_come_to_new_secrets() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    let create = ["tenant", "create", "--display-name", "X", "--domain"];
    let message = syncline.fails(&[&create[..], &["Contoso.example"]].concat());
    assert!(message.contains("`syncline tenant list`"), "{message}");
    assert!(
        message.contains("`syncline tenant recover Contoso.example` makes new secrets"),
        "{message}"
    );
    syncline.json(&["tenant", "recover", "Contoso.example"]);

    let id = tenant["tenantId"].as_str().unwrap();
    let message = syncline.fails(&[&create[..], &["other.example", "--id", id]].concat());
    assert!(
        message.contains("help: `syncline tenant list`"),
        "{message}"
    );
    assert!(!message.contains("recover"), "{message}");
}

#[test]
fn the_key_is_private_and_its_loss_is_told() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let key = syncline.data().join("key");
    assert_eq!(
        std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        std::fs::metadata(syncline.data())
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
    assert!(names_in(&syncline.data()).contains(&"syncline.db".to_owned()));

    std::fs::remove_file(&key).unwrap();
    let message = syncline.fails(&["tenant", "list"]);
    assert!(
        message.contains("key") && message.contains("help: put the key file back"),
        "{message}"
    );
    assert!(!key.exists(), "no new key is made for an old database");
}

#[test]
fn doctor_finds_a_key_that_others_can_read() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    assert_eq!(syncline.json(&["doctor"])["healthy"], true);

    let key = syncline.data().join("key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = syncline.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(crate::support::stdout(&output).contains("chmod 600"));
}

#[test]
fn the_first_command_of_another_node_is_told_what_its_data_directory_needs() {
    let syncline = Syncline::new();
    let url = "postgres://syncline:s3cret@db.example/syncline";
    let output = syncline
        .command(&["jobs", "list"])
        .env("SYNCLINE_DATABASE", url)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = crate::support::stderr(&output);
    let path = syncline.data();
    let made = format!("make {} and copy the file `key`", path.display());
    assert!(said.contains(&made), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    assert!(!path.exists());
}

#[test]
fn what_only_reads_makes_no_data_directory() {
    let syncline = Syncline::new();
    let check = |there: bool| {
        for command in [
            &["jobs", "list"][..],
            &["jobs", "show", "--job", "x"],
            &["jobs", "run", "--job", "x", "--wait"],
            &["plan", "--job", "x"],
            &["logs"],
            &["tenant", "list"],
            &["schema", "export", "--job", "x"],
            &["doctor"],
        ] {
            let message = syncline.fails(command);
            let path = syncline.data();
            assert!(message.contains(path.to_str().unwrap()), "{message}");
            assert!(message.contains("`syncline tenant create`"), "{message}");
            assert_eq!(path.exists(), there, "{command:?}");
        }
    };
    check(false);
    // Neither does it move into a folder of something else.
    std::fs::create_dir(syncline.data()).unwrap();
    check(true);
    assert_eq!(names_in(&syncline.data()), [""; 0]);
    syncline.tenant("contoso");
    assert_eq!(syncline.json(&["doctor"])["healthy"], true);
}
