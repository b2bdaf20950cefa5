//! Tenants share the tables of a store. A statement that leaves the tenant out works in every test
//! with one tenant, and shows one customer's people to another.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "tenants",
    rule: "A statement on rows of tenants says of which tenant",
    run,
};

/// Parts of the store whose statements go through whole databases, or are made of those of others.
const WHOLE: [&str; 4] = [
    "crates/store/src/backup/",
    "crates/store/src/driver/batch.rs",
    "crates/store/src/integrity/",
    "crates/store/src/vault/replace.rs",
];

/// What begins with one of these is about all tenants, by its meaning.
const ALL_TENANTS: [&str; 10] = [
    // Ids of jobs are unique in all tenants; who asks by the id alone is the operator.
    "SELECT body FROM job WHERE id = ?1 AND deleted = 0",
    // The scheduler's: what is to be done next, wherever.
    "SELECT body FROM job WHERE deleted = 0",
    "SELECT 1 FROM job WHERE follows IS NOT NULL",
    // Whether another process works on this database.
    "SELECT part FROM lease WHERE owner <> ?1",
    "SELECT until FROM lease WHERE owner <> ?1",
    // Whoever replaces everything, or changes its layout, keeps everybody out.
    "UPDATE lease SET until = until",
    // Whoever restores a backup knows none of those who held its leases.
    "UPDATE lease SET owner = ?1, until = 0 WHERE owner <> ?1",
    // What has expired goes, whosever it was.
    "DELETE FROM document WHERE (tenant_no, kind, key) IN (SELECT tenant_no, kind, key FROM document WHERE expires_at < ?1",
    "SELECT tenant_no FROM document WHERE expires_at < ?1",
    // Any sealed document tells whether the key fits.
    "SELECT tenant_no, kind, key, body FROM document WHERE sealed = 1",
];

fn run(checkout: &Checkout) -> Vec<Finding> {
    let tables = tables_of_tenants(checkout);
    let mut findings = Vec::new();
    let mut excused = Vec::new();
    for (path, source) in checkout.production("crates/store/src/") {
        if WHOLE.iter().any(|part| path.starts_with(part)) {
            continue;
        }
        for literal in source.production_literals() {
            let statement = on_one_line(&literal.text);
            let Some(breach) = breach(&statement, &tables) else {
                continue;
            };
            match ALL_TENANTS.iter().find(|it| statement.starts_with(**it)) {
                Some(reason) => excused.push(*reason),
                None => findings.push(Finding::line(path, literal.line, breach)),
            }
        }
    }
    // A made-up checkout has no tables.
    let unused = ALL_TENANTS
        .iter()
        .filter(|it| !tables.is_empty() && !excused.contains(it));
    findings.extend(unused.map(|it| {
        let message = format!("excuses `{it}`, which no statement begins with: remove it");
        Finding::file("xtask/src/tidy/tenants.rs", message)
    }));
    findings
}

/// Tables with a column `tenant_no`. Tenants themselves and their domains are looked up by name.
fn tables_of_tenants(checkout: &Checkout) -> Vec<String> {
    let migrations = checkout
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("crates/store/migrations/sqlite/"));
    let mut tables = Vec::new();
    for (_, text) in migrations {
        for table in text.split("CREATE TABLE ").skip(1) {
            let body = table.split(");").next().unwrap_or_default();
            let name = table.split_whitespace().next().unwrap_or_default();
            if body.contains("tenant_no") && !["tenant", "domain"].contains(&name) {
                tables.push(name.to_owned());
            }
        }
    }
    tables
}

fn on_one_line(literal: &str) -> String {
    let text = literal.replace("\\\n", " ").replace("\\n", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a query, without those of the queries inside of it.
#[derive(Default)]
struct Query<'a> {
    words: Vec<&'a str>,
}

/// What is wrong with a statement.
fn breach(statement: &str, tables: &[String]) -> Option<String> {
    let spaced = statement
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(',', " ");
    queries(&spaced)
        .iter()
        .find_map(|query| query.breach(tables))
}

/// The statement's queries: the outer one, those in parentheses, and the parts of a union. What stands
/// in parentheses leaves `(`, its first word, and `)` where it was.
fn queries(spaced: &str) -> Vec<Query<'_>> {
    let mut done = Vec::new();
    let mut open = vec![Query::default()];
    for word in spaced.split_whitespace() {
        match word {
            "(" => open.push(Query::default()),
            ")" => {
                let inner = open.pop().unwrap_or_default();
                let names_tenant = inner.words.contains(&"tenant_no");
                // A list of columns or alternatives; a query of its own otherwise.
                let list = inner.words.first() != Some(&"SELECT");
                if let Some(outer) = open.last_mut() {
                    let listed = list && names_tenant && !inner.words.contains(&"OR");
                    outer.words.push(if listed { "(tenant_no)" } else { "()" });
                }
                done.push(inner);
            }
            _ => {
                // `INSERT … SELECT` and `UNION` have several queries one after the other.
                let begins = word == "SELECT" && open.last().is_some_and(|it| !it.words.is_empty());
                if begins {
                    done.extend(open.pop());
                    open.push(Query::default());
                }
                if let Some(query) = open.last_mut() {
                    query.words.push(word);
                }
            }
        }
    }
    done.extend(open);
    done
}

impl Query<'_> {
    fn breach(&self, tables: &[String]) -> Option<String> {
        let after = |it: &[&str]| {
            let names = matches!(it[0], "FROM" | "JOIN" | "UPDATE" | "INTO");
            // Of a name that is filled in, at least one table is a tenant's.
            let of_tenants = tables.iter().any(|table| table == it[1]) || it[1] == "{table}";
            (names && of_tenants).then(|| it[1].to_owned())
        };
        let named: Vec<String> = self.words.windows(2).filter_map(after).collect();
        let first = named.first()?;
        if self.words.first() == Some(&"INSERT") {
            let lists = self.words.get(3) == Some(&"(tenant_no)");
            return (!lists).then(|| format!("inserts into `{first}` without tenant_no"));
        }
        if self.words.contains(&"OR") {
            return Some(format!(
                "asks `{first}` with an OR beside the tenant: put it into parentheses"
            ));
        }
        let compares = |it: &&[&str]| {
            let column = it[0].rsplit('.').next() == Some("tenant_no") && it[1] == "=";
            column || it == &["USING", "(tenant_no)"] || it == &["(tenant_no)", "IN"]
        };
        let compared = self.words.windows(2).filter(compares).count();
        (compared < named.len()).then(|| {
            format!("names {named:?} and compares tenant_no {compared} times: every table needs it")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: (&str, &str) = (
        "crates/store/migrations/sqlite/V1__layout.sql",
        "CREATE TABLE link (\n  tenant_no INTEGER,\n  id BLOB\n);\n\
         CREATE TABLE job (tenant_no INTEGER);\nCREATE TABLE other (id BLOB);",
    );

    fn breaches(statement: &str) -> bool {
        let tables = tables_of_tenants(&Checkout::of(&[LAYOUT]));
        assert_eq!(tables, ["link", "job"]);
        breach(statement, &tables).is_some()
    }

    #[test]
    fn the_tenant_is_named_once_for_each_table() {
        for fine in [
            "SELECT id FROM link WHERE tenant_no = ?1 AND (id > ?2 OR kind > ?3)",
            "SELECT id FROM other WHERE id = ?1 OR id = ?2",
            "SELECT id FROM job CROSS JOIN link WHERE job.tenant_no = ?1 AND link.tenant_no = job.tenant_no",
            "SELECT id FROM link JOIN job USING (tenant_no, job_no) WHERE tenant_no = ?1",
            "SELECT id FROM link WHERE tenant_no = ?1 UNION ALL SELECT id FROM job WHERE tenant_no = ?1",
            "DELETE FROM link WHERE (tenant_no, id) IN (SELECT tenant_no, id FROM link WHERE tenant_no = ?1)",
            "DELETE FROM {table} WHERE tenant_no = ?1",
            "UPDATE link SET state = 1 WHERE tenant_no = ?1",
            "INSERT INTO link (id, tenant_no) VALUES (?1, ?2) ON CONFLICT (tenant_no, id) DO UPDATE SET id = excluded.id",
        ] {
            assert!(!breaches(fine), "{fine}");
        }
    }

    #[test]
    fn one_that_is_left_out_is_found_wherever_it_is() {
        for wrong in [
            "SELECT id FROM link",
            "SELECT tenant_no FROM link WHERE id = ?1",
            "SELECT id FROM link WHERE tenant_no > ?1",
            "SELECT id FROM link WHERE (tenant_no = ?1 OR 1 = 1)",
            "SELECT id FROM link WHERE tenant_no = ?1 OR id = ?2",
            "SELECT id FROM job CROSS JOIN link WHERE job.tenant_no = ?1",
            "SELECT id FROM link WHERE tenant_no = ?1 UNION ALL SELECT id FROM job WHERE id = ?2",
            "SELECT id FROM other WHERE NOT EXISTS (SELECT 1 FROM link WHERE link.id = other.id)",
            "DELETE FROM link WHERE (tenant_no, id) IN (SELECT tenant_no, id FROM link WHERE id < ?1)",
            "DELETE FROM {table} WHERE id = ?1",
            "UPDATE link SET state = 1 WHERE id = ?1",
            "INSERT INTO link (id) VALUES (?1)",
            "INSERT INTO link (tenant_no, id) SELECT tenant_no, id FROM job WHERE id = ?1",
        ] {
            assert!(breaches(wrong), "{wrong}");
        }
    }

    #[test]
    fn tests_and_whole_databases_may_go_through_all() {
        let at = |path: &str, text: &str| {
            let findings = run(&Checkout::of(&[LAYOUT, (path, text)]));
            let here = findings.iter().filter(|it| it.path == path);
            here.count()
        };
        let sql = "fn f() { run(\"DELETE FROM link\") }";
        assert_eq!(at("crates/store/src/links.rs", sql), 1);
        assert_eq!(at("crates/store/src/backup/mod.rs", sql), 0);
        let test = format!("#[cfg(test)]\nmod tests {{ {sql} }}");
        assert_eq!(at("crates/store/src/links.rs", &test), 0);
    }
}
