//! dabir-meetings
