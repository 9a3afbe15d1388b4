//! dabir-room
