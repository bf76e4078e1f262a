//! Messages in a stream of plaintext: a 4-byte big-endian length, then the bytes.

use super::Error;

pub(super) const PREFIX_LEN: usize = 4;

/// Puts one message after another together from chunks of any size.
#[derive(Default)]
pub(super) struct Assembly {
    prefix: [u8; PREFIX_LEN],
    prefix_len: usize,
    body: Vec<u8>,
}

impl Assembly {
    /// Takes from `chunk` what belongs to the current message. Returns how many bytes that were, and the message if it
    /// is complete. The body grows with the bytes that arrived, not with the length that was claimed.
    pub fn absorb(&mut self, chunk: &[u8], limit: usize) -> Result<(usize, Option<Vec<u8>>), Error> {
        let mut used = chunk.len().min(PREFIX_LEN - self.prefix_len);
        self.prefix[self.prefix_len..][..used].copy_from_slice(&chunk[..used]);
        self.prefix_len += used;
        if self.prefix_len < PREFIX_LEN {
            return Ok((used, None));
        }
        let size = u32::from_be_bytes(self.prefix) as usize;
        if size > limit {
            return Err(Error::MessageTooLong { size, limit });
        }
        let rest = &chunk[used..];
        let rest = &rest[..rest.len().min(size - self.body.len())];
        self.body.extend_from_slice(rest);
        used += rest.len();
        if self.body.len() < size {
            return Ok((used, None));
        }
        self.prefix_len = 0;
        Ok((used, Some(std::mem::take(&mut self.body))))
    }
}

#[cfg(test)]
mod tests {
    use super::Assembly;
    use crate::tls::Error;

    /// All messages in `bytes`, fed in chunks of `size`.
    fn assemble(bytes: &[u8], size: usize) -> Result<Vec<Vec<u8>>, Error> {
        let mut assembly = Assembly::default();
        let mut messages = Vec::new();
        for mut chunk in bytes.chunks(size) {
            while !chunk.is_empty() {
                let (used, message) = assembly.absorb(chunk, 300)?;
                chunk = &chunk[used..];
                messages.extend(message);
            }
        }
        Ok(messages)
    }

    #[test]
    fn messages_do_not_depend_on_how_they_are_cut() {
        let messages: Vec<Vec<u8>> = [0, 1, 300, 0, 0, 7, 299].map(|n| vec![n as u8; n]).into();
        let bytes: Vec<u8> = messages.iter().flat_map(|m| [&(m.len() as u32).to_be_bytes()[..], m].concat()).collect();
        for size in 1..=bytes.len() {
            assert_eq!(assemble(&bytes, size).expect("within the limit"), messages, "chunks of {size}");
        }
    }

    #[test]
    fn a_claimed_length_above_the_limit_is_refused_from_the_prefix_alone() {
        for size in 1..=4 {
            let refused = assemble(&301u32.to_be_bytes(), size);
            assert!(matches!(refused, Err(Error::MessageTooLong { size: 301, limit: 300 })));
        }
        assert!(matches!(assemble(&u32::MAX.to_be_bytes(), 4), Err(Error::MessageTooLong { .. })));
    }
}
