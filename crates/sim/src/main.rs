//! `xl-sim --scenario NAME --seed N [--seeds K] [--budget-s T] [--scenarios FOLDER]`
//!
//! Without `--scenario` every scenario of the folder runs. Exit 0: every promise held; 1: one was broken, with the seed
//! that shows it; 2: misuse.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};
use xl_sim::{Outcome, Plants, load, names, run};

struct Options {
    folder: PathBuf,
    scenario: Option<String>,
    seed: u64,
    seeds: u64,
    budget: Option<Duration>,
}

fn options() -> Option<Options> {
    let mut options =
        Options { folder: PathBuf::from("tests/scenarios"), scenario: None, seed: 1, seeds: 1, budget: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--scenario" => options.scenario = Some(value),
            "--seed" => options.seed = value.parse().ok()?,
            "--seeds" => options.seeds = value.parse().ok()?,
            "--budget-s" => options.budget = Some(Duration::from_secs_f64(value.parse().ok()?)),
            "--scenarios" => options.folder = PathBuf::from(value),
            _ => return None,
        }
    }
    Some(options)
}

fn report(name: &str, seed: u64, outcome: &Outcome) {
    let Outcome { violation, trace, heights, accepted, committed, simulated, real } = outcome;
    let speed = simulated.as_secs_f64() / real.as_secs_f64().max(0.001);
    let verdict = violation.as_ref().map_or_else(|| "ok".to_owned(), |violation| format!("VIOLATION: {violation}"));
    println!(
        "{name} seed={seed} trace={trace} heights={heights:?} accepted={accepted} committed={committed} \
         simulated_s={:.0} real_s={:.1} speed={speed:.1}x {verdict}",
        simulated.as_secs_f64(),
        real.as_secs_f64(),
    );
}

fn main() -> ExitCode {
    let Some(Options { folder, scenario, seed, seeds, budget }) = options() else {
        eprintln!("usage: xl-sim [--scenario NAME] [--seed N] [--seeds K] [--budget-s T] [--scenarios FOLDER]");
        return ExitCode::from(2);
    };
    if std::env::var_os("XL_LOG").is_some() {
        tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_env("XL_LOG")).init();
    }
    let started = Instant::now();
    let wanted = match scenario {
        Some(name) => Ok(vec![name]),
        None => names(&folder),
    };
    let loaded = wanted.and_then(|names| {
        names.into_iter().map(|name| load(&folder, &name).map(|s| (name, s))).collect::<Result<Vec<_>, _>>()
    });
    let scenarios = match loaded {
        Ok(scenarios) => scenarios,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    for seed in seed..seed.saturating_add(seeds) {
        for (name, scenario) in &scenarios {
            if budget.is_some_and(|budget| started.elapsed() >= budget) {
                println!("budget used up before seed {seed} of {name}");
                return ExitCode::SUCCESS;
            }
            let outcome = run(scenario, seed, Plants::default());
            report(name, seed, &outcome);
            if outcome.violation.is_some() {
                eprintln!("replay: xl-sim --scenario {name} --seed {seed}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
