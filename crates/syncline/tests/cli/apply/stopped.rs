//! A job that somebody stopped, and a file that says it is started.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    POLICY, apply, as_contoso, changes, file, job, plan, refused, service_principal, two_tenants,
};
use crate::configuration::change_schema;
use crate::support::{Syncline, stdout};

fn status(syncline: &Syncline, job: &str) -> Value {
    syncline.json(&["jobs", "show", "--job", job])["status"].clone()
}

#[test]
fn it_goes_on_only_where_that_is_asked_for() {
    let syncline = two_tenants();
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    // Its first start is asked for by nobody.
    let job = job(&apply(&syncline, &wanted));
    syncline.json(&["jobs", "pause", "--job", &job]);

    let more = format!("{wanted}    interval: PT20M\n");
    let planned = plan(&syncline, &more);
    assert_eq!(changes(&planned), ["interval", "state"]);
    let resumes = &planned["configurations"][0]["resumes"];
    assert_eq!(*resumes, json!({ "startedFrom": "paused" }));

    let file = file(&syncline, &more);
    let said = refused(&syncline, &["apply", &file]);
    for part in [
        "a job that was stopped would go on by this, and nothing was written:",
        "Fabrikam:",
        &format!("~ started: the job {job} was paused"),
        "say so with --resume",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("--remove"), "{said}");
    // Nothing else was written either.
    assert_eq!(changes(&plan(&syncline, &more)), ["interval", "state"]);
    assert_eq!(status(&syncline, &job), "Paused");

    let done = syncline.json(&["apply", &file, "--resume"]);
    assert_eq!(changes(&done), ["interval", "state"]);
    assert_eq!(done["configurations"][0]["active"], true);
    assert_eq!(changes(&apply(&syncline, &more)), Vec::<&str>::new());
}

/// As whoever is to restore it is told.
#[test]
fn so_does_one_that_comes_back_from_the_recycle_bin() {
    let syncline = two_tenants();
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let configuration = service_principal(&syncline, &job);
    let path = format!("servicePrincipals/{configuration}");
    as_contoso(&syncline, [(Method::DELETE, &path, json!(null))]);
    let file = file(&syncline, &wanted);
    let told = "restored, its job comes back paused with schema, settings and secrets, and without links: `--resume` lets it go on";
    for command in [&["apply", file.as_str()][..], &["plan", "--file", &file]] {
        let said = refused(&syncline, command);
        assert!(said.contains(told), "{said}");
    }
    let path = format!("directory/deletedItems/{configuration}/restore");
    as_contoso(&syncline, [(Method::POST, &path, json!({}))]);

    assert_eq!(status(&syncline, &job), "Paused");
    assert_eq!(changes(&plan(&syncline, &wanted)), ["state"]);
    let said = refused(&syncline, &["apply", &file]);
    assert!(said.contains("say so with --resume"), "{said}");
    assert_eq!(status(&syncline, &job), "Paused");
    let done = syncline.json(&["apply", &file, "--resume"]);
    assert_eq!(changes(&done), ["state"]);
    assert_eq!(done["configurations"][0]["active"], true);
}

#[test]
fn what_is_lost_besides_is_asked_for_as_well() {
    let syncline = two_tenants();
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    syncline.json(&["jobs", "pause", "--job", &job]);
    let narrower = file(&syncline, &wanted.replace("all", "assigned"));
    let both = ["--remove", "--resume"];
    for (asked, missing) in [
        (&both[..0], &both[..]),
        (&both[..1], &both[1..]),
        (&both[1..], &both[..1]),
    ] {
        let command = [&["apply", narrower.as_str()][..], asked].concat();
        let said = refused(&syncline, &command);
        let help = format!("if that is meant, say so with {}\n", missing.join(" and "));
        assert!(said.contains(&help), "{help}: {said}");
        assert_eq!(status(&syncline, &job), "Paused");
    }
    let done = syncline.json(&["apply", &narrower, "--remove", "--resume"]);
    assert_eq!(changes(&done), ["scope", "state"]);
}

#[test]
fn that_a_quarantine_ends_by_it_is_told() {
    let syncline = two_tenants();
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"] = json!([]);
    });
    syncline.json(&["jobs", "restart", "--job", &job]);
    assert_eq!(syncline.run(&run).status.code(), Some(1));
    syncline.json(&["jobs", "pause", "--job", &job]);

    let ends = "was paused, and its quarantine (EncounteredQuarantineException) ends by it";
    let file = file(&syncline, &wanted);
    let planned = stdout(&syncline.run(&["plan", "--file", &file]));
    assert!(planned.contains(ends), "{planned}");
    let said = refused(&syncline, &["apply", &file]);
    assert!(said.contains(ends), "{said}");
}

/// There is nothing to look at beforehand: a server begins at once.
#[test]
fn what_a_server_begins_at_once_is_told_as_that() {
    let syncline = two_tenants();
    let server = syncline.serve(&[]);
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let said = stdout(&syncline.run(&["apply", &file(&syncline, &wanted)]));
    assert!(
        said.ends_with("  The next cycle follows it: the running server begins it now.\n"),
        "{said}"
    );
    assert!(!said.contains("syncline plan"), "{said}");
    assert_eq!(server.stop(), Some(0));
}

/// Whoever let removals through has not looked at what another configuration removes.
#[test]
fn that_a_permission_for_removals_ends_by_it_is_told() {
    let syncline = two_tenants();
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let remarks = |answer: &Value| answer["configurations"][0]["remarks"].clone();
    let narrower = wanted.replace("all", "assigned");
    assert_eq!(remarks(&plan(&syncline, &narrower)), Value::Null);
    syncline.json(&["jobs", "restart", "--job", &job, "--scope", "ForceDeletes"]);
    let show = || stdout(&syncline.run(&["jobs", "show", "--job", &job]));
    let ends =
        "a change of the configuration (schema, scope, SkipOutOfScopeDeletions, target) ends it";
    let said = show();
    assert!(said.contains(ends), "{said}");

    // Of another interval nobody has to look at removals again.
    let oftener = apply(&syncline, "    interval: PT20M\n");
    assert_eq!(remarks(&oftener), Value::Null);
    assert!(show().contains("ForceDeletes"));
    let skipping = apply(&syncline, "    skipOutOfScopeDeletions: true\n");
    let told = remarks(&skipping)[0].as_str().unwrap().to_owned();
    assert!(told.contains("(ForceDeletes): that ends by this"), "{told}");
    assert!(!show().contains("ForceDeletes"));
}
