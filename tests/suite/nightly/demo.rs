//! The whole demo, pushed by external ids every night.
