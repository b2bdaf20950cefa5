//! An explanation of a membership for people: what keeps the job from going on, why it is so, what to do, and what was
//! found.

use syncline_runner::{
    EndState, HeldBy, InSource, InTarget, MembersKept, MembershipVerdict as Verdict,
    Verdict as OfEnd, Which,
};

use super::super::text::{field, name, standstill, verdict as of_end};
use super::super::{Explained, Next};
use super::MembershipExplained;
use crate::commands::logs;
use crate::output;

pub fn of(explained: &MembershipExplained) -> String {
    let mut text = String::new();
    // They are the job's, whomever is asked about.
    for obstacle in &explained.group.obstacles {
        text.push_str(&format!("{}\n", standstill(&explained.group, obstacle)));
    }
    text.push_str(&format!("{}\n", reason(explained)));
    if let Some(advice) = advice(explained) {
        text.push_str(&format!("What to do: {advice}\n"));
    }
    text.push_str(&format!("\nsource     {}\n", in_source(explained)));
    text.push_str(&format!("target     {}\n", in_target(explained)));
    text.push_str(&format!("members    {}\n", members(explained)));
    text.push_str(&format!("user       {}\n", of_end(&explained.user)));
    text.push_str(&format!("group      {}\n", of_end(&explained.group)));
    text.push_str(&log(explained));
    text
}

/// One reason: why it is, or is not, as the source has it.
fn reason(explained: &MembershipExplained) -> String {
    let (user, group) = (name(&explained.user), name(&explained.group));
    let is_in_source = is_in_source(explained);
    let is_not = match is_in_source {
        true => format!("{user} is not in {group} in the target"),
        false => format!("{user} is still in {group} in the target"),
    };
    match explained.verdict {
        Verdict::Unknown => format!(
            "Whether {user} is in {group} in the target can not be said now: the job can not read it."
        ),
        Verdict::MembersNotMapped => format!(
            "The members of {group} are not synchronized: the mapping of groups, or of their members, is off in the job's schema."
        ),
        Verdict::NotMember => match explained.through.as_slice() {
            [] => format!(
                "{user} is not in {group} in the target, and is no direct member of it in the source."
            ),
            through => format!(
                "{user} is not in {group} itself in the target: in the source only by {}, and groups in groups stay so.",
                through.join(", which is in ")
            ),
        },
        Verdict::InTarget => format!("{user} is in {group} in the target, as in the source."),
        Verdict::AddedByOthers if is_in_source => format!(
            "{user} is in {group} in the target, where somebody else has added them; this job leaves that as it is."
        ),
        Verdict::AddedByOthers => format!(
            "{user} is in {group} in the target and not in the source: somebody has added them there, and this job removes nobody whom it has not added."
        ),
        Verdict::Kept => format!("{is_not}, and stays there: {}.", kept(explained)),
        Verdict::GroupNotKept if is_deleted_there(&explained.group) => {
            format!("{is_not}: somebody has deleted {group} there.")
        }
        Verdict::GroupNotKept => format!("{is_not}: this job does not keep the group in step."),
        Verdict::GroupsNotLetIn => format!("{is_not}: the target lets no groups in now."),
        Verdict::MemberNotThere => format!(
            "{is_not}, for {user} is not in the target; once this job or another one brings them there, they are added."
        ),
        Verdict::SomebodyElses => {
            let had = match is_of_group(explained) {
                true => &group,
                false => &user,
            };
            format!("{is_not}: the target object that {had} had is somebody else's by now.")
        }
        Verdict::LetGo => format!(
            "{is_not}: {user} lives no more in the source, and gets into no group there until they are back."
        ),
        Verdict::Held => match &explained.held_by {
            Some(held) => format!("{is_not}: {}.", held_by(held, &user, &group)),
            None => format!("{is_not}: it waits for the end of a removal."),
        },
        Verdict::Undecided => format!(
            "{is_not}: {user} or {group} was deleted in the source, or is to leave the target otherwise, and {} decides of that first.",
            next(explained)
        ),
        Verdict::OtherJob => format!(
            "{is_not}: another job has {user} in the target and is to remove them; nothing is changed until it has."
        ),
        Verdict::GivenOnce => format!(
            "{is_not}: members are given when their group comes into the target, and {group} was there already."
        ),
        Verdict::Refused => {
            let at = explained.next_attempt.as_deref().unwrap_or_default();
            match fails_itself(&explained.group) {
                true => format!(
                    "{is_not}: {group} has failed itself, and is tried again with the first cycle behind {at}; once that succeeds, all of its memberships are gone through."
                ),
                false => format!(
                    "{is_not}: a membership of theirs was refused by the target, and is tried again with the first cycle behind {at}."
                ),
            }
        }
        Verdict::GivenUp => format!(
            "{is_not}: the target has refused memberships of {group} for too long, perhaps this one, and no cycle tries them again by itself."
        ),
        Verdict::Due => format!(
            "{is_not} yet: {} {} them.",
            next(explained),
            match is_in_source {
                true => "adds",
                false => "removes",
            }
        ),
        Verdict::NotLookedAt => {
            let more = match explained.more_changes {
                true => " in what was looked through of the changes in the source, which are many",
                false => " since the last cycle",
            };
            format!(
                "{is_not}, and nothing of it has changed in the source{more}: somebody has changed it in the target, or it was not tried any more, and no cycle looks at it."
            )
        }
    }
}

fn held_by(held: &HeldBy, user: &str, group: &str) -> String {
    let whose = match held.of_group {
        true => format!("the removal of {group}"),
        false => format!("the removal or disabling of {user}"),
    };
    let by = match (&held.other_job, held.by_threshold) {
        (Some(job), true) => format!("is held by the deletion threshold of the job {job}"),
        (Some(job), false) => format!("is put aside by the job {job}, which has still to count it"),
        (None, true) => "is held by the deletion threshold".to_owned(),
        (None, false) => "is put aside until a cycle has counted it".to_owned(),
    };
    let meanwhile = match held.of_group {
        true => "the group gets nobody and loses nobody until that is over",
        false => {
            "nobody who is to go is added to a group, or loses one in which they are deleted, until that is over"
        }
    };
    format!("{whose} {by}, and {meanwhile}")
}

fn kept(explained: &MembershipExplained) -> &'static str {
    match explained.members {
        Some(MembersKept::GivenOnce) => {
            "members are given when their group comes into the target, and left alone afterwards"
        }
        _ => "members are only added, and never removed",
    }
}

/// What brings it about, where somebody can.
fn advice(explained: &MembershipExplained) -> Option<String> {
    let job = &explained.job_id;
    let of = |what: &str, id: &dyn std::fmt::Display| {
        format!("`syncline explain --job {job} --{what} {id}` says why, and what to do about that.")
    };
    let restart = |why: &str| format!("`syncline jobs restart --job {job}{why}");
    Some(match explained.verdict {
        Verdict::MembersNotMapped => "Switch on the object mapping of groups, with its mapping of members, if they should be synchronized.".to_owned(),
        Verdict::GroupNotKept | Verdict::GroupsNotLetIn => of("group", &explained.group.source.id),
        Verdict::SomebodyElses if is_of_group(explained) => {
            of("group", &explained.group.source.id)
        }
        Verdict::MemberNotThere | Verdict::SomebodyElses | Verdict::LetGo => {
            of("user", &explained.user.source.id)
        }
        Verdict::Held => {
            let held = explained.held_by.as_ref()?;
            if !held.by_threshold {
                return None;
            }
            let job = match &held.other_job {
                Some(job) => job.clone(),
                None => syncline_model::JobId(job.clone()),
            };
            if held.other_job.is_none() && explained.group.deletes_are_forced {
                return Some("Nothing: the next cycle lets it through.".to_owned());
            }
            format!(
                "If the removal is meant, {}; otherwise bring back in the source whom it is for.",
                crate::report::way_out(&job, 1)
            )
        }
        Verdict::GivenUp => format!(
            "{}{}",
            why_refused(explained),
            restart(" --scope Escrows` has them tried again in the next cycle.")
        ),
        Verdict::Refused => format!(
            "{}{}",
            why_refused(explained),
            restart(" --scope Escrows` has it tried in the next cycle.")
        ),
        Verdict::NotLookedAt => restart("` has the next cycle go through all groups; so does a change of the membership in the source."),
        Verdict::GivenOnce => "Change the flow type of the mapping of members, if they should be kept in step.".to_owned(),
        Verdict::Unknown
        | Verdict::NotMember
        | Verdict::InTarget
        | Verdict::AddedByOthers
        | Verdict::Kept
        | Verdict::Undecided
        | Verdict::OtherJob
        | Verdict::Due => return None,
    })
}

/// What the group is listed as failed for, and what to do about that.
fn why_refused(explained: &MembershipExplained) -> String {
    let why = explained.group.reason.as_ref();
    let why = why.map(|it| format!("{}: {} {} ", it.code, it.reason, it.advice));
    why.unwrap_or_default()
}

/// Whether a group fails for more than its memberships: it is not as it should be by itself.
fn fails_itself(group: &Explained) -> bool {
    let fails = group.escrow.as_ref().is_some_and(|it| !it.given_up);
    fails && group.next != Next::Nothing
}

fn is_deleted_there(group: &Explained) -> bool {
    let state = group.target.as_ref().and_then(|it| it.state);
    let is_kept = matches!(
        group.verdict,
        OfEnd::DeletedInTarget
            | OfEnd::GoneFromTarget
            | OfEnd::Failed
            | OfEnd::AwaitsConsent
            | OfEnd::GivenUp
    );
    is_kept && matches!(state, Some(EndState::InRecycleBin | EndState::Gone))
}

fn next(explained: &MembershipExplained) -> String {
    match (explained.next_cycle, &explained.next_due) {
        (Some(Which::InProgress), _) => "the cycle in progress".to_owned(),
        (Some(Which::Following), _) => "the next cycle, which follows changes at once,".to_owned(),
        (_, Some(at)) => format!("the next cycle, due at {at},"),
        (_, None) => "the next cycle, which is not due,".to_owned(),
    }
}

/// Whether it is the group whose target object is somebody else's.
fn is_of_group(explained: &MembershipExplained) -> bool {
    explained.somebody_elses == Some(explained.group.source.id)
}

fn is_in_source(explained: &MembershipExplained) -> bool {
    let in_source = explained.in_source.as_ref();
    in_source.is_some_and(|it| it.direct)
}

fn in_source(explained: &MembershipExplained) -> String {
    let (user, group) = (name(&explained.user), name(&explained.group));
    let ids = format!(
        "({}, {})",
        explained.user.source.id, explained.group.source.id
    );
    match &explained.in_source {
        None => format!("{user}, {group} {ids}: not read"),
        Some(InSource { direct: true, .. }) => {
            format!("{user} is a direct member of {group} {ids}")
        }
        Some(it) => {
            let through = match explained.through.as_slice() {
                [] => String::new(),
                groups => format!(", but by {}", groups.join(", which is in ")),
            };
            let more = match it.more_groups {
                true => ", and not all groups were asked that the user is in",
                false => "",
            };
            format!("{user} is no direct member of {group} {ids}{through}{more}")
        }
    }
}

fn in_target(explained: &MembershipExplained) -> &'static str {
    match explained.in_target {
        None => "not there, or not read",
        Some(InTarget::Absent) => "no such membership",
        Some(InTarget::FromSource) => "a member, added by this synchronization",
        Some(InTarget::ByOthers) => "a member, added by somebody else",
    }
}

fn members(explained: &MembershipExplained) -> &'static str {
    match explained.members {
        None => "not synchronized, or not read",
        Some(MembersKept::InStep) => "kept in step",
        Some(MembersKept::OnlyAdded) => "only added",
        Some(MembersKept::GivenOnce) => "given when the group comes into the target",
    }
}

fn log(explained: &MembershipExplained) -> String {
    let job = &explained.job_id;
    let group = &explained.group.source.id;
    let mut said = match &explained.last_entry {
        Some(entry) => format!(
            "\nThe log told of this membership last at {}: {} {}. `syncline logs --job {job} --user {group}` shows all of the group.\n",
            logs::when(entry),
            field(entry, "/provisioningAction"),
            field(entry, "/provisioningStatusInfo/status")
        ),
        None if explained.older_entries => {
            "\nThe newest entries of the log do not tell of this membership; older ones were not looked through.\n".to_owned()
        }
        None => "\nThe log does not tell of this membership.\n".to_owned(),
    };
    said.push_str(&output::unreadable("log entry", &explained.unreadable));
    said
}
