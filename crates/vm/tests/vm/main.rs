//! Tests of the contract machine from outside: what deploys, what a call does, what it costs.

#![allow(clippy::disallowed_methods)] // a test bounds how long a hostile module may take

mod artefacts;
mod calls;
mod draw;
mod gas;
mod hostile;
mod outside;
mod published;
mod random;
mod specification;
mod support;
mod vectors;
