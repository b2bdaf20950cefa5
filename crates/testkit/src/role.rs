//! Another user of the test server, whom it lets in or not.

use std::path::Path;

use crate::database::{cut_connections, on_server, postgres_url, schema_of, server};

/// A role that may do in the database of a path what the test's own may.
#[derive(Debug)]
pub struct Role {
    name: String,
    url: String,
}

impl Role {
    /// `None` when tests run without a server.
    pub fn of(path: &Path) -> Option<Self> {
        let url = postgres_url(path)?;
        let name = format!("{}_role", schema_of(path));
        // Whose tables they are, whose member it is.
        execute(&format!(
            "CREATE ROLE {name} LOGIN; DO $$ BEGIN EXECUTE format('GRANT %I TO {name}', current_user); END $$"
        ));
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let place = rest.split_once('@').map_or(rest, |(_, it)| it);
        let url = format!("{scheme}://{name}@{place}&application_name={name}");
        Some(Self { name, url })
    }

    /// Its name, which its connections have, too.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As [`postgres_url`], of this role.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Cuts its connections, and lets it make no others.
    pub fn lock_out(&self) {
        execute(&format!("ALTER ROLE {} NOLOGIN", self.name));
        cut_connections(&self.name);
    }

    /// Cuts its connections, and lets it read and nothing else on others, as a standby does with everybody.
    pub fn only_reads(&self) {
        execute(&format!(
            "ALTER ROLE {} SET default_transaction_read_only = on",
            self.name
        ));
        cut_connections(&self.name);
    }

    /// Lets it make no more connections than it has, as a server does with everybody that is full.
    pub fn has_enough(&self) {
        execute(&format!("ALTER ROLE {} CONNECTION LIMIT 0", self.name));
    }

    /// Connections that it makes from now on may write.
    pub fn writes(&self) {
        execute(&format!(
            "ALTER ROLE {} RESET default_transaction_read_only",
            self.name
        ));
    }

    pub fn let_in(&self) {
        execute(&format!("ALTER ROLE {} LOGIN", self.name));
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        // A test that has failed says why, and nothing else.
        if !std::thread::panicking() {
            execute(&format!("DROP ROLE {}", self.name));
        }
    }
}

fn execute(statements: &str) {
    let Some(server) = server() else { return };
    let sql = statements.to_owned();
    on_server(server, async move |client| {
        client.batch_execute(&sql).await?;
        Ok(())
    });
}
