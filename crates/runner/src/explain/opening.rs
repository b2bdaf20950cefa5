//! What a job is explained by, for whoever asks about an object or a membership of it.

use syncline_connector::Connected;
use syncline_model::{Job, Problem};
use syncline_store::Reader;

use crate::Runner;
use crate::admission::Obstacle;
use crate::configuration::Configuration;
use crate::view::View;

/// A job as it can be read now.
pub(super) struct Opening {
    /// What keeps the whole job from going on.
    pub(super) obstacles: Vec<Obstacle>,
    /// Both ends, where there are two.
    pub(super) connected: Option<Connected>,
    /// What the job does; `None` where the target does not let it in, or it can not work.
    pub(super) admitted: Option<Configuration>,
}

impl Runner {
    /// Of a target that does not let the job in nothing is read, not even what the schema has of its attributes.
    pub(super) fn opening(&self, reader: &Reader<'_>, job: &Job) -> Result<Opening, Problem> {
        let mut obstacles = Obstacle::of_schedule(job);
        let connected = self.opened(reader, job, &mut obstacles)?;
        let admitted = match &connected {
            Some(it) if self.permitted(reader, it, &mut obstacles)? => {
                Obstacle::forget_refusal(&mut obstacles, job);
                self.configuration_or_why(reader, job, &mut obstacles)?
            }
            _ => None,
        };
        Ok(Opening {
            obstacles,
            connected,
            admitted,
        })
    }

    /// What a cycle that begins now would see.
    pub(super) fn view_of<'v, 'c>(
        &self,
        reader: &'v Reader<'c>,
        job: &'v Job,
        configuration: &'v Configuration,
    ) -> View<'v, 'c> {
        View {
            reader,
            tenant: job.tenant,
            job: &job.id,
            configuration,
            now: self.clock.now(),
            drafter: None,
            forgotten: None,
        }
    }
}
