//! The live account, read in bulk into a snapshot.
