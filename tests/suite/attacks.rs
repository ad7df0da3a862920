//! What attackers try, each with the answer that stops it.

mod opaque_steps;
