//! dabir-testing
