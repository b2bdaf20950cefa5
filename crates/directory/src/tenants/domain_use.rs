//! Who has names and addresses in a domain.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, TenantId, Value};
use syncline_store::{Changed, ObjectState, Reader, Stored, Tenant};

use crate::addresses::{verified_as, without_prefix};

/// Objects that are looked at in one statement, and how many bytes those have at most.
const AT_ONCE: usize = 2_000;
const BYTES: usize = 4 * 1024 * 1024;

/// The same of objects that have changed, of which each is read as a whole.
const CHANGES_AT_ONCE: usize = 100;

/// Of those who use the domain, so many are named.
const NAMED: usize = 5;

/// What is asked of an object: its names, and what may stand in a domain.
const LOOKED_AT: [Attr; 5] = [
    Attr::DISPLAY_NAME,
    Attr::USER_PRINCIPAL_NAME,
    Attr::MAIL,
    Attr::PROXY_ADDRESSES,
    Attr::IDENTIFIER_URIS,
];

/// Those may have anything in a domain.
const KINDS: [EntityKind; 3] = [EntityKind::User, EntityKind::Group, EntityKind::Application];

/// Those who use a domain, among the objects that were looked at.
pub(super) struct DomainUse<'t> {
    tenant: TenantId,
    domain: &'t str,
    /// The other domains of the tenant that are below this one: what is in them is not in this one.
    below: Vec<String>,
    count: u64,
    first: Vec<String>,
}

impl<'t> DomainUse<'t> {
    pub(super) fn new(tenant: &Tenant, domain: &'t str) -> Self {
        let others = tenant.domains.iter().map(|it| it.name.clone());
        Self {
            tenant: tenant.id,
            domain,
            below: others.filter(|it| is_below(it, domain)).collect(),
            count: 0,
            first: Vec::new(),
        }
    }

    /// Looks at all objects of the tenant, those in the recycle bin among them.
    pub(super) fn look_at_all(&mut self, reader: &Reader<'_>) -> Result<(), Problem> {
        for kind in KINDS {
            self.look_at_live(reader, kind)?;
            self.look_at_recycled(reader, kind)?;
        }
        Ok(())
    }

    fn look_at_live(&mut self, reader: &Reader<'_>, kind: EntityKind) -> Result<(), Problem> {
        let (tenant, live) = (self.tenant, ObjectState::Live);
        let mut after = None;
        loop {
            let limit = reader.fitting(tenant, kind, after, AT_ONCE, BYTES)?;
            let page = reader.scan_showing(tenant, kind, live, after, limit, &LOOKED_AT)?;
            page.rows.iter().for_each(|it| self.look_at(it));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn look_at_recycled(&mut self, reader: &Reader<'_>, kind: EntityKind) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let limit = reader.recycled_fitting(self.tenant, kind, after, AT_ONCE, BYTES)?;
            let page = reader.recycled(self.tenant, kind, after, limit)?;
            page.iter().for_each(|it| self.look_at(it));
            match page.last() {
                Some(last) => after = Some(last.entry.id),
                None => return Ok(()),
            }
        }
    }

    /// Looks at the objects of the tenant that have changed since.
    pub(super) fn look_at_changes(
        &mut self,
        reader: &Reader<'_>,
        since: u64,
    ) -> Result<(), Problem> {
        let until = reader.sequence(self.tenant)?;
        let mut after = since;
        loop {
            let changes = reader.changes_since(self.tenant, after, until, CHANGES_AT_ONCE)?;
            for wanted in KINDS {
                let ids: Vec<ObjectId> = changes
                    .iter()
                    .filter_map(|it| match it.what {
                        Changed::Object { kind, id } if kind == wanted => Some(id),
                        _ => None,
                    })
                    .collect();
                let found = reader.objects(self.tenant, wanted, &ids)?;
                found.iter().for_each(|it| self.look_at(it));
            }
            match changes.last() {
                Some(last) => after = last.sequence,
                None => return Ok(()),
            }
        }
    }

    /// # Errors
    /// When anybody uses the domain.
    pub(super) fn refuse(&self) -> Result<(), Problem> {
        if self.count == 0 {
            return Ok(());
        }
        let (domain, named) = (self.domain, self.first.join(", "));
        let objects = match self.count {
            1 => "1 object has",
            _ => &format!("{} objects have", self.count),
        };
        let more = match self.count - self.first.len() as u64 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Err(Problem::conflict(format!(
            "{objects} names or addresses in `{domain}`: {named}{more}. Give them others (userPrincipalName, mail, proxyAddresses, identifierUris), and delete for good what is in the recycle bin"
        )))
    }

    fn look_at(&mut self, stored: &Stored) {
        let is_gone = stored.state == ObjectState::Purged || stored.is_being_purged();
        if is_gone || !self.is_used_by(stored) {
            return;
        }
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(named(stored));
        }
    }

    fn is_used_by(&self, stored: &Stored) -> bool {
        let texts = |attr| {
            let values = stored.entry.get(attr).map_or(&[][..], Value::as_slice);
            values.iter().filter_map(Value::as_text)
        };
        let name = stored.entry.text(Attr::USER_PRINCIPAL_NAME).into_iter();
        let mail = stored.entry.text(Attr::MAIL).into_iter();
        let proxies = texts(Attr::PROXY_ADDRESSES).map(without_prefix);
        let mut addresses = name.chain(mail).chain(proxies);
        addresses.any(|it| {
            it.rsplit_once('@')
                .is_some_and(|(_, domain)| self.is_it(domain))
        }) || texts(Attr::IDENTIFIER_URIS).any(|it| self.is_host_of(it))
    }

    fn is_it(&self, domain: &str) -> bool {
        verified_as(domain).eq_ignore_ascii_case(self.domain)
    }

    /// `https://app.contoso.example/…` and `api://contoso.example/…` are of `contoso.example`, unless the tenant has
    /// `app.contoso.example`, too.
    fn is_host_of(&self, uri: &str) -> bool {
        let Some((_, rest)) = uri.split_once("://") else {
            return false;
        };
        let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let host = verified_as(host).to_ascii_lowercase();
        let is_of = |domain: &str| host == domain || is_below(&host, domain);
        is_of(self.domain) && !self.below.iter().any(|it| is_of(it))
    }
}

fn is_below(domain: &str, of: &str) -> bool {
    let above = domain.strip_suffix(of);
    above.is_some_and(|it| it.ends_with('.'))
}

/// `user ana@contoso.example`, `group Sales (in the recycle bin)`.
fn named(stored: &Stored) -> String {
    let kind = match stored.entry.kind {
        EntityKind::User => "user",
        EntityKind::Group => "group",
        _ => "application",
    };
    let name = stored.entry.text(Attr::USER_PRINCIPAL_NAME);
    let name = name.or_else(|| stored.entry.text(Attr::DISPLAY_NAME));
    let bin = match stored.state {
        ObjectState::Deleted => " (in the recycle bin)",
        _ => "",
    };
    let id = stored.entry.id.to_string();
    format!("{kind} {}{bin}", name.unwrap_or(&id))
}
