//! A small strict AWS on loopback.
