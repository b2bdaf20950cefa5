//! What a plan of a file says of how it is applied.

use serde_json::json;

use super::{POLICY, apply, file, job, plan, two_tenants};
use crate::support::stdout;

#[test]
fn a_plan_says_what_has_to_be_asked_for() {
    let syncline = two_tenants();
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let text = |more: &str| stdout(&syncline.run(&["plan", "--file", &file(&syncline, more)]));

    let narrower = wanted.replace("all", "assigned");
    let said = text(&narrower);
    let end = "Nothing is written yet: `syncline apply --remove` with this file does it: somebody may lose something by
Fabrikam:
  ~ scope: all users and groups → assigned users and groups
";
    assert!(said.ends_with(end), "{said}");
    let takes_away = |more: &str| plan(&syncline, more)["configurations"][0]["takesAway"].clone();
    assert_eq!(takes_away(&narrower), json!(true));

    syncline.json(&["jobs", "pause", "--job", &job]);
    let said = text(&narrower);
    let end = format!(
        "`syncline apply --remove --resume` with this file does it: somebody may lose something by
Fabrikam:
  ~ scope: all users and groups → assigned users and groups
and a job that was stopped goes on by
Fabrikam:
  ~ started: the job {job} was paused
"
    );
    assert!(said.ends_with(&end), "{said}");

    // Nobody loses anything, and a plan does not say so.
    syncline.json(&["apply", &file(&syncline, &narrower), "--remove", "--resume"]);
    let said = text(&wanted);
    let end = "Nothing is written yet: `syncline apply` with this file does it.\n";
    assert!(said.ends_with(end), "{said}");
    assert_eq!(takes_away(&wanted), json!(false));
}
