//! Checks how SQLite carries out every statement of this crate.

use std::fs;
use std::path::{Path, PathBuf};

use crate::driver::plan;

/// A statement that names one of these names one object (or the few around it).
const NAMED: [&str; 9] = [
    "id",
    "source",
    "target",
    "from_id",
    "to_id",
    "waits_for",
    "principal",
    "hash",
    "key",
];

/// Folders without verbs: what they send is for one of the two databases, or goes through whole tables.
const WITHOUT_VERBS: [&str; 3] = ["backup", "driver", "integrity"];

/// The files below a folder of the sources.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if !path.is_dir() {
            found.push(path);
        } else if !WITHOUT_VERBS.iter().any(|name| path.ends_with(name)) {
            found.extend(files_below(&path));
        }
    }
    found
}

/// Everything between quotes in the sources that is a statement, with placeholders filled in.
fn statements() -> Vec<String> {
    files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .iter()
        .flat_map(|path| statements_in(path))
        .collect()
}

/// The same of one file.
fn statements_in(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let text = fs::read_to_string(path).unwrap();
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
    for literal in text
        .split('"')
        .filter(|it| verbs.iter().any(|verb| it.starts_with(verb)))
    {
        let filled = literal
            .replace("SELECT {COLUMNS}", "SELECT *")
            .replace("{by_job}", "AND log.job_no = ?6")
            .replace("{order}", "DESC");
        if filled.contains("{column}") {
            found.extend(["source", "target"].map(|column| filled.replace("{column}", column)));
        } else {
            found.push(filled);
        }
    }
    found.retain(|statement| !statement.contains('{'));
    found
}

#[test]
fn what_names_an_object_goes_to_it_and_walks_through_no_others() {
    let mut checked = 0;
    for statement in statements() {
        let Some((_, condition)) = statement.split_once(" WHERE ") else {
            continue;
        };
        let words: Vec<&str> = condition.split([' ', '.', '(']).collect();
        let named: Vec<&str> = words
            .windows(3)
            .filter(|it| NAMED.contains(&it[0]) && it[1] == "=" && it[2].starts_with('?'))
            .map(|it| it[0])
            .collect();
        if named.is_empty() {
            continue;
        }
        checked += 1;
        let plan = plan(&statement);
        let goes = named
            .iter()
            .any(|column| plan.contains(&format!("{column}=?")));
        assert!(
            goes,
            "{statement}\nis carried out without {named:?}:\n{plan}"
        );
    }
    assert!(
        checked > 30,
        "only {checked} statements were found in the sources"
    );
}

#[test]
fn a_jobs_log_is_read_without_the_other_jobs() {
    let of_job = statements()
        .into_iter()
        .find(|it| it.contains("log.job_no = ?6"))
        .unwrap();
    let plan = plan(&of_job);
    assert!(plan.contains("provisioning_log_job"), "{plan}");
}

#[test]
fn the_jobs_of_a_tenant_are_read_without_those_of_others() {
    let of_tenant = statements()
        .into_iter()
        .find(|it| it.contains("job_no IN (SELECT job_no FROM job WHERE tenant_no = ?1"))
        .unwrap();
    let plan = plan(&of_tenant);
    assert!(
        plan.contains("job_of_service_principal (tenant_no=?)"),
        "{plan}"
    );
    assert!(!plan.contains("SCAN"), "{plan}");
}

/// Of a month of events, whoever asks for the last minute goes through those of the day around it.
#[test]
fn a_time_of_the_log_is_gone_to_without_what_is_older_or_newer() {
    let of_job = statements()
        .into_iter()
        .find(|it| it.contains("log.job_no = ?6"))
        .unwrap();
    let of_all = of_job.replace("AND log.job_no = ?6", "AND ?6 IS NULL");
    for statement in [of_job, of_all] {
        let plan = plan(&statement);
        assert!(plan.contains("AND id>? AND id<?)"), "{plan}");
        assert!(!plan.contains("TEMP"), "{plan}");
    }
}

#[test]
fn the_next_one_that_is_waited_for_is_gone_to() {
    let next = statements()
        .into_iter()
        .find(|it| it.contains("waits_for >= ?"))
        .unwrap();
    let plan = plan(&next);
    assert!(plan.contains("waits_for>?"), "{plan}");
    assert!(!plan.contains("TEMP"), "{plan}");
}

#[test]
fn few_references_that_are_ready_are_found_among_very_many_that_wait() {
    let ready = statements()
        .into_iter()
        .find(|it| it.contains("FROM ready_reference JOIN"))
        .unwrap();
    let plan = plan(&ready);
    let [first, second] = plan.split('\n').collect::<Vec<_>>()[..] else {
        panic!("{plan}");
    };
    assert!(first.starts_with("SEARCH ready_reference"), "{plan}");
    assert!(first.contains("waits_for>?"), "{plan}");
    assert!(second.starts_with("SEARCH waiting_reference"), "{plan}");
    assert!(second.contains("waits_for=?"), "{plan}");
}

#[test]
fn references_that_were_refused_are_gone_to_without_those_that_only_wait() {
    let refused: Vec<String> = statements()
        .into_iter()
        .filter(|it| it.contains("FROM waiting_reference WHERE") || it.contains("SET refused = 0"))
        .filter(|it| it.contains("refused = 1"))
        .collect();
    assert_eq!(refused.len(), 3, "{refused:#?}");
    for statement in refused {
        let plan = plan(&statement);
        let goes = if statement.contains("source = ?") {
            "waiting_reference_source (tenant_no=? AND job_no=? AND source=?)"
        } else if statement.contains("waits_for = ?") {
            "waiting_reference_refused (tenant_no=? AND job_no=? AND waits_for=?)"
        } else {
            "waiting_reference_refused (tenant_no=? AND job_no=?)"
        };
        assert!(plan.contains(goes), "{statement}\n{plan}");
    }
}

#[test]
fn whoever_failed_for_want_of_what_somebody_has_is_gone_to() {
    let of_old: Vec<String> = statements()
        .into_iter()
        .filter(|it| it.contains("FROM escrow WHERE") && it.contains("waits_for = ?"))
        .collect();
    assert_eq!(of_old.len(), 1, "{of_old:#?}");
    let plan = plan(&of_old[0]);
    let goes = "escrow_waits_for (tenant_no=? AND job_no=? AND waits_for=? AND source>?)";
    assert!(plan.contains(goes), "{plan}");
    assert!(!plan.contains("TEMP"), "{plan}");
    crate::driver::assert_plan(
        "UPDATE escrow SET next_attempt = ?2 WHERE tenant_no = ?1 AND job_no = ?3 AND waits_for = ?4 AND next_attempt > ?2",
        "escrow_waits_for (tenant_no=? AND job_no=? AND waits_for=?)",
    );
}

/// What is swept every minute goes to what has had its time, however much else there is.
#[test]
fn sweeps_walk_through_no_more_than_they_remove() {
    let sweeps: Vec<String> = statements()
        .into_iter()
        .filter(|it| {
            it.starts_with("DELETE ")
                && (it.contains("expires_at <") || it.contains("changed_seq >"))
        })
        .collect();
    assert_eq!(sweeps.len(), 3, "{sweeps:#?}");
    for sweep in sweeps {
        let plan = plan(&sweep);
        assert!(
            plan.contains("document_expiry (expires_at<?)")
                || plan.contains("(tenant_no=? AND changed_seq>? AND changed_seq<?)"),
            "{sweep}\n{plan}"
        );
    }
}

/// Each tombstone that is swept is asked about where it is named: no table is walked through for it, least of all the
/// jobs, of which a tenant may have deleted as many as it likes.
#[test]
fn tombstones_are_swept_without_a_walk_for_each() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/directory/tombstones.rs");
    let of_file = statements_in(&file);
    assert_eq!(of_file.len(), 7, "{of_file:#?}");
    let of_jobs = |it: &&String| it.contains(" FROM job ");
    assert_eq!(of_file.iter().filter(of_jobs).count(), 1, "{of_file:#?}");
    for statement in of_file {
        let plan = plan(&statement);
        assert!(!plan.contains("SCAN"), "{statement}\n{plan}");
        assert!(!plan.contains("SUBQUERY"), "{statement}\n{plan}");
        let steps = plan.lines().count();
        assert_eq!(steps, 1, "{statement}\n{plan}");
    }
}
