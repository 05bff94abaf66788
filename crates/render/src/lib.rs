//! Plans, findings and events as text and JSON.
