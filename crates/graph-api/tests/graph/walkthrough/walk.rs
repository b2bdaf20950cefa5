//! One walk through the twelve steps: who walks it, in which versions, and what it has made so far.

use crate::world::{Client, PUBLIC_URL, World};

use super::assertion::Assertion;
use super::callers::{self, Application, ROLES, SOURCE_SCOPES, TARGET_SCOPES};
use super::setup::{Configuration, employee};

/// Which versions the requests go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// v1.0 and beta as printed, step by step.
    AsPrinted,
    AllV1,
    AllBeta,
}

/// Whose tokens the requests carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    Delegated,
    AppOnly,
}

/// People of the source tenant, by id.
pub struct People {
    /// Marketing; assigned in step 9, provisioned on demand in step 10.
    pub ada: String,
    /// The same, both the PowerShell way.
    pub bea: String,
    /// Marketing, never assigned.
    pub cleo: String,
    /// Marketing; assigned, and left to the first cycle.
    pub dora: String,
}

pub struct Walk<'w> {
    pub world: &'w World,
    pub versions: Versions,
    tokens: Tokens,
    identities: Identities,
    /// The source tenant's administrator (Contoso, where the people are).
    pub source: Client<'w>,
    /// The target tenant's (Fabrikam).
    pub target: Client<'w>,
    pub source_id: String,
    pub target_id: String,
    pub people: People,
    /// Filled from step 5 on.
    pub configuration: Configuration,
}

enum Identities {
    People {
        source: String,
        target: String,
    },
    Applications {
        source: Application,
        target: Application,
    },
}

impl<'w> Walk<'w> {
    /// Two tenants and their administrators; nothing is configured yet.
    pub fn new(world: &'w World, versions: Versions, tokens: Tokens) -> Self {
        let identities = match tokens {
            Tokens::Delegated => Identities::People {
                source: callers::person(world, "contoso", "admin"),
                target: callers::person(world, "fabrikam", "admin"),
            },
            Tokens::AppOnly => Identities::Applications {
                source: Application::register(world, "contoso", &SOURCE_SCOPES),
                target: Application::register(world, "fabrikam", &TARGET_SCOPES),
            },
        };
        let (source, target) = sign_in(world, &identities);
        Self {
            world,
            versions,
            tokens,
            identities,
            source,
            target,
            source_id: world.tenants.contoso.id.to_string(),
            target_id: world.tenants.fabrikam.id.to_string(),
            people: People {
                ada: employee(world, "ada", "Marketing"),
                bea: employee(world, "bea", "Marketing"),
                cleo: employee(world, "cleo", "Marketing"),
                dora: employee(world, "dora", "Marketing"),
            },
            configuration: Configuration::default(),
        }
    }

    /// Signs in again: tokens last an hour of the clock.
    pub fn sign_in(&mut self) {
        (self.source, self.target) = sign_in(self.world, &self.identities);
    }

    /// The line of the checklist with this number.
    pub fn line(&self, number: &str) -> Assertion {
        // Walking at all with these tokens is a line of its own.
        let tokens = match self.tokens {
            Tokens::Delegated => "delegated (1.4)",
            Tokens::AppOnly => "app-only (1.5)",
        };
        Assertion::new(&format!("{:?}, {tokens}", self.versions), number)
    }

    /// A path that is printed with v1.0.
    pub fn v1(&self, path: &str) -> String {
        format!("/{}{path}", self.version("v1.0"))
    }

    /// A path that is printed with beta.
    pub fn beta(&self, path: &str) -> String {
        format!("/{}{path}", self.version("beta"))
    }

    /// The version that a request printed with `printed` goes to.
    pub fn version(&self, printed: &'static str) -> &'static str {
        match self.versions {
            Versions::AsPrinted => printed,
            Versions::AllV1 => "v1.0",
            Versions::AllBeta => "beta",
        }
    }

    /// `@odata.context` of a request that is printed with `printed`.
    pub fn context(&self, printed: &'static str, tail: &str) -> String {
        format!("{PUBLIC_URL}/{}/$metadata#{tail}", self.version(printed))
    }

    /// `/servicePrincipals/{id}/synchronization…`, printed with beta.
    pub fn synchronization(&self, tail: &str) -> String {
        self.beta(&format!(
            "/servicePrincipals/{}/synchronization{tail}",
            self.configuration.service_principal
        ))
    }

    /// `…/synchronization/jobs/{id}…`, printed with beta.
    pub fn job(&self, tail: &str) -> String {
        self.synchronization(&format!("/jobs/{}{tail}", self.configuration.job))
    }
}

fn sign_in<'w>(world: &'w World, identities: &Identities) -> (Client<'w>, Client<'w>) {
    match identities {
        Identities::People { source, target } => (
            world.signed_in_to(world.tenants.contoso.id, source, &SOURCE_SCOPES, &ROLES),
            world.signed_in_to(world.tenants.fabrikam.id, target, &TARGET_SCOPES, &ROLES),
        ),
        Identities::Applications { source, target } => (source.client(world), target.client(world)),
    }
}
