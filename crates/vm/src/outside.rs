//! A call of one contract by another, as it passes from the machine to its host and back.

/// What a contract asks for; lengths are checked, names are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutsideCall<'a> {
    /// Whom it calls.
    pub contract: [u8; 20],
    /// Name of the entry.
    pub method: &'a [u8],
    /// Argument bytes.
    pub arguments: &'a [u8],
    /// Gas that the callee may use.
    pub gas_limit: u64,
}

/// How such a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the callee returned, or why it failed.
    pub result: Result<Vec<u8>, CalleeFailure>,
    /// Gas it used, at most [`OutsideCall::gas_limit`].
    pub gas_used: u64,
}

/// What the calling contract learns of a callee's failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalleeFailure {
    /// The callee's own code, or one of the platform's.
    pub code: String,
    /// Line of the callee's source, 0 when there is none.
    pub line: u32,
    /// Facts that the callee gave.
    pub detail: Vec<u8>,
}

impl CalleeFailure {
    /// A failure that the platform alone tells of.
    #[must_use]
    pub fn of(code: &str) -> Self {
        Self { code: code.to_owned(), line: 0, detail: Vec::new() }
    }

    /// Borsh of (code, line, detail).
    pub(crate) fn encode(&self) -> Vec<u8> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let (code, detail) = (self.code.as_bytes(), &self.detail[..]);
        [&length(code)[..], code, &self.line.to_le_bytes(), &length(detail), detail].concat()
    }
}

/// Gas that a callee gets when its caller has `left` and asks for `asked`: never the last 64th, so that the caller can
/// act on a failure.
pub(crate) fn gas_given(left: u64, asked: i64) -> u64 {
    let most = left - left / 64;
    u64::try_from(asked).map_or(most, |asked| asked.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callee_never_gets_the_last_64th() {
        assert_eq!(gas_given(6_400, -1), 6_300);
        assert_eq!(gas_given(6_400, i64::MIN), 6_300);
        assert_eq!(gas_given(6_400, i64::MAX), 6_300);
        assert_eq!(gas_given(6_400, 5), 5);
        assert_eq!(gas_given(6_400, 0), 0);
        assert_eq!(gas_given(63, -1), 63);
        assert_eq!(gas_given(0, -1), 0);
    }

    #[test]
    fn a_failure_is_told_in_borsh() {
        let failure = CalleeFailure { code: "No".into(), line: 258, detail: vec![7] };
        assert_eq!(failure.encode(), [2, 0, 0, 0, b'N', b'o', 2, 1, 0, 0, 1, 0, 0, 0, 7]);
    }
}
