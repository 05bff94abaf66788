//! The mfactl command line.

fn main() {}
