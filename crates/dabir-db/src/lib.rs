//! dabir-db
