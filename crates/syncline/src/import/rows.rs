//! Where the names and addresses of a file stand. Of millions of rows these are what stays in memory, so each is kept
//! as the hash that the store keeps of it. The store takes two texts with one hash for one value, too: nothing that it
//! would tell apart is mixed up here.

use syncline_model::IdMap;
use syncline_store::{Key, KeyName};

/// A text of the file as the store tells it apart from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hashed([u8; 16]);

impl Hashed {
    pub fn of(key: &Key) -> Self {
        Self(key.hash())
    }

    /// A userPrincipalName (any case).
    pub fn name(name: &str) -> Self {
        Self::of(&Key::new(KeyName::UserPrincipalName, name))
    }

    /// A mail address (any case).
    pub fn address(address: &str) -> Self {
        Self::of(&Key::new(KeyName::ProxyAddress, address))
    }
}

/// Where a row is.
#[derive(Clone, Copy, Debug)]
pub struct At {
    index: u32,
    line: u32,
    /// Whether the row's mail address is its name, as most are: it does not stand among the addresses.
    mailed: bool,
}

impl At {
    pub fn index(&self) -> u64 {
        u64::from(self.index)
    }

    pub fn line(&self) -> u64 {
        u64::from(self.line)
    }
}

/// The names and addresses of rows that are good by themselves.
#[derive(Debug, Default)]
pub struct Rows {
    names: IdMap<Hashed, At>,
    addresses: IdMap<Hashed, At>,
}

impl Rows {
    /// Notes a row. False of one that is beyond what can be counted.
    #[must_use]
    pub fn insert(&mut self, index: u64, line: u64, name: &str, mail: Option<&str>) -> bool {
        let (Ok(index), Ok(line)) = (u32::try_from(index), u32::try_from(line)) else {
            return false;
        };
        let (text, address) = (Hashed::name(name), mail.map(Hashed::address));
        let mailed = address == Some(Hashed::address(name));
        let at = At {
            index,
            line,
            mailed,
        };
        self.names.insert(text, at);
        if let Some(address) = address.filter(|_| !mailed) {
            self.addresses.insert(address, at);
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The row with this name.
    pub fn with_name(&self, name: &Hashed) -> Option<At> {
        self.names.get(name).copied()
    }

    /// The row with this mail address (any case).
    pub fn with_address(&self, address: &str) -> Option<At> {
        let elsewhere = self.addresses.get(&Hashed::address(address)).copied();
        elsewhere.or_else(|| {
            let same = self.with_name(&Hashed::name(address));
            same.filter(|at| at.mailed)
        })
    }

    /// Forgets the name of a row that is left out.
    pub fn remove(&mut self, name: &Hashed) -> Option<At> {
        self.names.remove(name)
    }
}
