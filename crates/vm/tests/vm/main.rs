//! Tests of the contract machine from outside: what deploys, what a call does, what it costs.

mod calls;
mod gas;
mod hostile;
mod random;
mod support;
mod vectors;
