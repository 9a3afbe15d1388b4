//! dabir-ports
