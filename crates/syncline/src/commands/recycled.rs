//! Pages of a recycle bin, as the commands about it read them.

use syncline_model::{EntityKind, ObjectId};
use syncline_store::{StoreError, Stored, Tenant};

use crate::app::App;

/// Bytes of objects that are in memory together, as they are stored: a tenant decides how large each of them is.
const BYTES: usize = 4 * 1024 * 1024;

/// The next objects of one kind in the bin behind `after`, in the order of ids: up to `most`, of large ones fewer, one at
/// least. None when there are no more.
///
/// # Errors
/// When the database cannot be read.
pub fn page(
    app: &App,
    tenant: &Tenant,
    kind: EntityKind,
    after: Option<ObjectId>,
    most: usize,
) -> Result<Vec<Stored>, StoreError> {
    app.store.read(|reader| {
        let limit = reader.recycled_fitting(tenant.id, kind, after, most, BYTES)?;
        reader.recycled(tenant.id, kind, after, limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::large_people::{COUNT, World};

    #[test]
    fn of_large_people_fewer_are_read_at_once() {
        let world = World::new();
        world.delete_all();
        let (mut read, mut pages, mut after) = (0, 0, None);
        loop {
            let page = page(
                &world.app,
                &world.tenant,
                EntityKind::User,
                after,
                2 * COUNT,
            );
            let page = page.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.entry.id);
            let bytes: usize = page.iter().map(Stored::bytes).sum();
            assert!(bytes <= BYTES, "{bytes}");
            read += page.len();
            pages += 1;
        }
        assert_eq!((read, pages), (COUNT, 2));
    }
}
