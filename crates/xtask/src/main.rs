//! What a script would do: test set-up, checks, generated docs.

fn main() {}
