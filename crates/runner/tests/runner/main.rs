//! The runner through its public door: two hosted tenants, a configuration between them, and what
//! its cycles make of the people of one in the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod add_only;
mod assignment;
mod changes;
mod clocks;
mod continuous;
mod decided_ahead;
mod disturbed;
mod escrow;
mod explain;
mod extensions;
mod few;
mod few_changes;
mod first_cycle;
mod forward;
mod full_disk;
mod gate;
mod gate_meanwhile;
mod interruption;
mod joined_pages;
mod joining;
mod many_people;
mod matched_anew;
mod memberships;
mod misled;
mod no_change;
mod nodes;
mod nodes_failed;
mod nodes_joined;
mod nodes_restarted;
mod old_links;
mod on_demand;
mod on_demand_members;
mod other_jobs;
mod other_kinds;
mod plan;
mod policy;
mod properties;
mod quarantine;
mod ready;
mod reevaluation;
mod references;
mod rehearsal;
mod released;
mod restart;
mod retention;
mod scoping;
mod sealed;
mod sizes;
mod steady;
mod two_threads;
mod unfindable_groups;
mod unique_values;
mod world;
