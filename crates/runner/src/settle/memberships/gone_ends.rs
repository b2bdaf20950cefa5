//! Ends of memberships that are gone from the target.

use syncline_engine::Failure;
use syncline_model::{EntityKind, IdMap, Link, ObjectId, Problem};

use crate::memberships::Write;
use crate::page::Page;
use crate::settle::references::is_in_target;
use crate::view::absent::Absent;

/// Each of these memberships with the end that is gone.
pub(super) fn with_gone_ends<'l>(
    page: &Page<'_, '_>,
    kind: EntityKind,
    gone: Vec<(Write, Failure)>,
    links: &'l IdMap<ObjectId, Link>,
) -> Result<Vec<(Write, Failure, &'l Link)>, Problem> {
    let groups = gone.iter().map(|(write, _)| (kind, write.target.group));
    let absent = Absent::among(&page.view(), groups)?;
    let ends = gone.into_iter().filter_map(|(write, failure)| {
        let group = links.get(&write.source.group)?;
        if !absent.lives(&group.target) {
            return Some((write, failure, group));
        }
        let member = links.get(&write.source.member);
        // For another job's member there is nothing to be done here: that job finds out, and tells this one.
        let is_others = member.is_none_or(|link| !is_in_target(link.state)) && write.adds;
        (!is_others).then(|| (write, failure, member.unwrap_or(group)))
    });
    Ok(ends.collect())
}

/// Why an end is to be looked at soon. It is made anew then, or taken out of the recycle bin, and its
/// memberships are due.
pub(super) fn end_is_gone() -> Failure {
    Failure {
        transient: true,
        ..Failure::new(
            "InvalidAnchor",
            "The target object does not exist any more, or is in the recycle bin.".to_owned(),
        )
    }
}
