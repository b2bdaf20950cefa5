//! Names that would write lines of their own into what the operator reads.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::World;
use crate::support::stdout;

/// What somebody wants the operator to read on a line of its own.
const FORGED: &str = "status     Quarantine";

const CONFIGURATION: &str = "configurations:
  - name: Fabrikam
    source: contoso.example
    target: fabrikam.example
    policy: { users: true, automaticRedemption: true }
    scope: all
    state: started
";

/// With an end of the line, and a letter that turns round what is behind it.
fn name(of: &str) -> String {
    format!("{of}\n{FORGED}\u{202E}")
}

impl World {
    async fn rename(&self, path: &str, of: &str) {
        let name = json!({ "displayName": name(of) });
        self.graph(Method::PATCH, path, name).await;
    }

    fn forges_nothing(&self, arguments: &[&str], shows: &str) {
        let output = self.syncline.run(arguments);
        assert!(output.status.success(), "{arguments:?}");
        let said = stdout(&output);
        assert!(said.contains(shows), "{arguments:?}: {said}");
        assert!(
            said.lines().all(|it| !it.trim_start().starts_with(FORGED)),
            "{arguments:?}: {said}"
        );
        assert!(!said.contains('\u{202E}'), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn no_name_forges_a_line() {
    let world = World::new().await;
    world.syncline.tenant("fabrikam");
    let file = world.syncline.file("all.yaml", CONFIGURATION.as_bytes());
    let applied = world.syncline.json(&["apply", &file]);
    let job = applied["configurations"][0]["jobId"].as_str().unwrap();
    world
        .syncline
        .json(&["jobs", "run", "--job", job, "--wait"]);

    let group = json!({
        "displayName": name("Sales"), "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true,
    });
    let group = world.graph(Method::POST, "groups", group).await;
    let principals = "servicePrincipals?$filter=displayName eq 'Fabrikam'";
    let principals = world.graph(Method::GET, principals, Value::Null).await;
    let principal = principals["value"][0]["id"].as_str().unwrap();
    world
        .rename(&format!("servicePrincipals/{principal}"), "Fabrikam")
        .await;
    world.rename("users/ana@contoso.example", "Ana").await;

    let joined = format!("Fabrikam␤{FORGED}");
    world.forges_nothing(&["jobs", "show", "--job", job], &joined);
    world.forges_nothing(&["jobs", "list"], job);
    let ana = format!("Ana␤{FORGED}");
    world.forges_nothing(&["plan", "--job", job], "Ana␤status");
    let user = ["--user", "ana@contoso.example"];
    world.forges_nothing(&[&["explain", "--job", job][..], &user].concat(), &ana);
    let group = ["--group", group["id"].as_str().unwrap()];
    let sales = format!("Sales␤{FORGED}");
    world.forges_nothing(&[&["explain", "--job", job][..], &group].concat(), &sales);
    world
        .syncline
        .json(&["jobs", "run", "--job", job, "--wait"]);
    world.forges_nothing(&[&["logs"][..], &user].concat(), &ana);
    world.forges_nothing(&["links", "--job", job], "ana");

    // A program gets it as it is.
    let shown = world.syncline.json(&["jobs", "show", "--job", job]);
    assert_eq!(shown["name"], *name("Fabrikam"));
}
