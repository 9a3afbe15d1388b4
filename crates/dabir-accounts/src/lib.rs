//! dabir-accounts
