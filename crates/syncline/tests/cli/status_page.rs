//! The status page: what it shows, and to whom.

use syncline_access::{DirectoryRole, roles};
use syncline_directory::users;
use syncline_testkit::CountedIds;

use crate::configuration::installation;
use crate::logs::stored;
use crate::support::{Syncline, signed_in};

const ADMIN: &str = "admin@contoso.example";

/// A job that has made somebody in its target, and the password of an administrator.
fn installed() -> (Syncline, String) {
    let (syncline, job) = installation(1);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let admin = syncline.json(&["tenant", "recover", "contoso.example", "--admin", ADMIN]);
    let password = admin["admin"]["password"].as_str().unwrap().to_owned();
    (syncline, password)
}

/// Gives the administrator this role instead of all others.
fn with_role(syncline: &Syncline, role: DirectoryRole) {
    stored(syncline, &|tx, job| {
        let admin = users::find(tx, job.tenant, ADMIN).unwrap().entry.id;
        for held in DirectoryRole::ALL {
            roles::revoke(tx, job.tenant, admin, *held)?;
        }
        roles::grant(tx, job.tenant, &CountedIds::new(), admin, role)?;
        Ok(())
    });
}

/// The page as the administrator sees it.
fn page(syncline: &Syncline, settings: &[&str], password: &str) -> String {
    let settings = [&["--no-scheduler"], settings].concat();
    let server = syncline.serve(&settings);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let cookie = signed_in(&server, ADMIN, password).await;
        let request = server
            .client()
            .get(format!("{}/", server.origin))
            .header("cookie", cookie.split(';').next().unwrap());
        request.send().await.unwrap().text().await.unwrap()
    })
}

#[test]
fn the_page_shows_what_the_visitors_roles_open_in_graph() {
    let (syncline, password) = installed();
    for (role, settings, sees_jobs) in [
        (DirectoryRole::ReportsReader, vec![], false),
        (DirectoryRole::GlobalReader, vec!["--strict-graph"], false),
        (DirectoryRole::GlobalReader, vec![], true),
        (
            DirectoryRole::HybridIdentityAdministrator,
            vec!["--strict-graph"],
            true,
        ),
    ] {
        with_role(&syncline, role);
        let page = page(&syncline, &settings, &password);
        assert!(page.contains("<td>create</td>"), "{role:?}: {page}");
        assert_eq!(page.contains("Fabrikam"), sees_jobs, "{role:?}: {page}");
        assert_eq!(
            page.contains("do not let you see the jobs"),
            !sees_jobs,
            "{role:?}: {page}"
        );
    }
}
