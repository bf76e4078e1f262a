//! The thread that runs contracts: it owns the machine and has the native stack that calls need.

use crate::error::Fault;
use std::{
    path::Path,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};
use xl_vm::{Artefacts, Machine, THREAD_STACK_BYTES_MIN};

type Job = Box<dyn FnOnce(&mut Machine) + Send>;

/// Bytes of compiled contracts that a machine keeps in memory: some thousand ordinary ones.
const MEMORY_BYTES_MAX: usize = 256 << 20;
/// Bytes of compiled contracts that a node keeps on disk.
const DISK_BYTES_MAX: u64 = 4 << 30;

/// A handle to the thread. Jobs run one after another; callers wait for theirs.
pub struct Executor(SyncSender<Job>);

impl Executor {
    /// Starts the thread. In `artefacts` its machine keeps what it compiles; it does without a folder that is no use.
    ///
    /// # Errors
    /// [`Fault::Machine`] when the contract machine does not work here.
    pub fn start(name: &str, artefacts: Option<&Path>) -> Result<Self, Fault> {
        let artefacts = artefacts.and_then(|folder| {
            let opened = Artefacts::open(folder, DISK_BYTES_MAX);
            opened.inspect_err(|error| tracing::warn!(%error, folder = %folder.display(), "no artefacts")).ok()
        });
        let (jobs, queue) = sync_channel::<Job>(64);
        let (ready, started) = sync_channel(1);
        let run = move || {
            let mut machine = match Machine::new(MEMORY_BYTES_MAX) {
                Ok(machine) => machine,
                Err(fault) => return drop(ready.send(Err(fault))),
            };
            if let Some(artefacts) = artefacts {
                machine = machine.with_artefacts(artefacts);
            }
            let _ = ready.send(Ok(()));
            for job in queue {
                job(&mut machine);
            }
        };
        thread::Builder::new()
            .name(name.into())
            .stack_size(THREAD_STACK_BYTES_MIN)
            .spawn(run)
            .map_err(|_| Fault::ExecutorStopped)?;
        started.recv().map_err(|_| Fault::ExecutorStopped)??;
        Ok(Self(jobs))
    }

    /// Runs `job` on the thread and waits for its result.
    ///
    /// # Errors
    /// [`Fault::ExecutorStopped`] when the thread ended, which only a panic of ours does.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce(&mut Machine) -> T + Send + 'static) -> Result<T, Fault> {
        let (answer, result) = sync_channel(1);
        let job: Job = Box::new(move |machine| drop(answer.send(job(machine))));
        self.0.send(job).map_err(|_| Fault::ExecutorStopped)?;
        result.recv().map_err(|_| Fault::ExecutorStopped)
    }
}
