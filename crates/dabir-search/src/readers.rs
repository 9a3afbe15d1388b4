//! By which words of the index somebody finds.

use dabir_http::{Identity, Role};

/// The words of a caller. Participants are no part of the house: they read what is theirs by name.
pub(crate) fn readers(identity: &Identity) -> Vec<String> {
    let everyone = (identity.role != Role::Participant).then(|| "everyone".to_owned());
    let user = identity.user_id.as_ref().map(|id| format!("user:{id}"));
    let role = format!("role:{}", identity.role.as_str());
    everyone.into_iter().chain(user).chain([role]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_reads_by_name_by_role_and_with_everyone() {
        let words = |role| readers(&Identity::of("7", role));
        assert_eq!(words(Role::Writer), ["everyone", "user:7", "role:writer"]);
        assert_eq!(words(Role::Auditor), ["everyone", "user:7", "role:auditor"]);
        assert_eq!(words(Role::Participant), ["user:7", "role:participant"]);
        let token = Identity {
            user_id: None,
            ..Identity::of("t", Role::Admin)
        };
        assert_eq!(readers(&token), ["everyone", "role:admin"]);
    }
}
