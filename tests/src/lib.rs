//! The binary end to end, against the sandbox and independent emulators of AWS.
