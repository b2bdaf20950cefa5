//! How a client proves who it is: a secret, a signed assertion, or (public clients) not at all.

use syncline_model::TenantId;
use syncline_store::Reader;

use crate::client_secrets::{Presented, present};
use crate::{Access, Client, ClientAuthentication, Refusal, client_assertions};

/// What a request brings.
#[derive(Clone, Copy)]
pub enum ClientCredentials<'r> {
    Nothing,
    Secret(&'r str),
    /// A JWT signed with the key of a registered certificate.
    Assertion(&'r str),
}

impl std::fmt::Debug for ClientCredentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Secret(_) => "Secret(…)",
            Self::Assertion(_) => "Assertion(…)",
        })
    }
}

impl Access {
    /// The client with this id, and how it proved that. [`ClientCredentials::Nothing`] is accepted
    /// here; whoever needs proof looks at the answer.
    ///
    /// `tenant_name` is the tenant as the request's path spells it: an assertion's audience may
    /// spell it so.
    pub fn authenticate_client(
        &self,
        tenant: TenantId,
        tenant_name: &str,
        client_id: &str,
        credentials: ClientCredentials<'_>,
    ) -> Result<(Client, ClientAuthentication), Refusal> {
        let client = self
            .store
            .read(|reader| Client::find(reader, tenant, client_id))?;
        let proven = match credentials {
            ClientCredentials::Nothing => ClientAuthentication::None,
            ClientCredentials::Secret(text) => {
                self.store
                    .read(|reader| self.check_secret(reader, tenant, &client, text))?;
                ClientAuthentication::Secret
            }
            ClientCredentials::Assertion(assertion) => {
                client_assertions::check(self, tenant, tenant_name, &client, assertion)?;
                ClientAuthentication::Certificate
            }
        };
        Ok((client, proven))
    }

    fn check_secret(
        &self,
        reader: &Reader<'_>,
        tenant: TenantId,
        client: &Client,
        text: &str,
    ) -> Result<(), Refusal> {
        let now = self.clock.now();
        let client_id = || client.app_id.to_string();
        let mut refusal = Refusal::SecretInvalid(client_id());
        // Secrets may be added to the application or to the service principal.
        let holders = client.application.iter().chain([&client.service_principal]);
        for holder in holders {
            match present(reader, tenant, holder.id, text, now)? {
                Presented::Valid => return Ok(()),
                Presented::NotYet => refusal = Refusal::SecretNotYetValid(client_id()),
                Presented::Expired => refusal = Refusal::SecretExpired(client_id()),
                Presented::Unknown => {}
            }
        }
        Err(refusal)
    }
}
