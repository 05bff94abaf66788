//! The binary end to end, one module for each thing that is promised of it.
//!
//! They are one program, since linking one takes as long as running most of them.

mod apply_report;
mod aws_cli;
mod bad_input;
mod budget;
mod caller;
mod contract;
mod destroy;
mod drift;
mod enroll;
mod every_step;
mod gitops;
mod import;
mod json_lines;
mod lock;
mod logins;
mod managed_policies;
mod meanwhile;
mod moto;
mod overdue;
mod page;
mod permissions;
mod person;
mod raced;
mod random_faults;
mod reliability;
mod report;
mod reviewed_plan;
mod sandbox;
mod sarif;
mod scenarios;
mod script;
mod shell;
mod terraform;
mod traces;
mod verification;
mod webhook;
mod workflows;
mod world;
