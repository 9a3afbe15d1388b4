//! Bytes to text: UTF-8, UTF-16, or the Windows code page of Arabic script, which old Persian files have.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1256};

/// The text, and the name of its encoding.
pub(crate) fn decode(bytes: &[u8]) -> (String, &'static str) {
    let encoding = guess(bytes);
    let (text, _, _) = encoding.decode(bytes);
    (text.into_owned(), encoding.name())
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    // What was cut off within a letter is UTF-8 all the same.
    match std::str::from_utf8(bytes) {
        Ok(_) => return wide(bytes).unwrap_or(UTF_8),
        Err(error) if error.error_len().is_none() => return UTF_8,
        Err(_) => {}
    }
    wide(bytes).unwrap_or_else(|| of_windows(bytes))
}

/// UTF-16 without a mark: every other byte of Latin and of spaces is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let looked_at = &bytes[..bytes.len().min(4_096)];
    let zeros = |at: usize| {
        looked_at
            .iter()
            .skip(at)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), looked_at.len() / 2);
    match (even, odd) {
        _ if half < 4 => None,
        (even, odd) if odd * 10 > half && odd > 4 * even => Some(UTF_16LE),
        (even, odd) if even * 10 > half && even > 4 * odd => Some(UTF_16BE),
        _ => None,
    }
}

/// Of the two code pages the one in which more of the high bytes are letters of Arabic script in words.
fn of_windows(bytes: &[u8]) -> &'static Encoding {
    let looked_at = &bytes[..bytes.len().min(65_536)];
    let high = looked_at.iter().filter(|byte| **byte >= 0x80).count();
    let pairs = looked_at
        .windows(2)
        .filter(|two| two[0] >= 0xc0 && two[1] >= 0xc0);
    if pairs.count() * 3 >= high {
        WINDOWS_1256
    } else {
        WINDOWS_1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encodings_of_persian_files_are_told_apart() {
        let text = "گزارش جلسه\nThe minutes: café";
        let persian = "گزارش جلسه براي دانشكده";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = [&b"\xff\xfe"[..], &utf16].concat();
        assert_eq!(decode(text.as_bytes()), (text.to_owned(), "UTF-8"));
        assert_eq!(decode(&utf16), (text.to_owned(), "UTF-16LE"));
        assert_eq!(decode(&with_mark), (text.to_owned(), "UTF-16LE"));
        let (old, _, _) = WINDOWS_1256.encode(persian);
        assert_eq!(decode(&old), (persian.to_owned(), "windows-1256"));
        let (latin, _, _) = WINDOWS_1252.encode("un café très agréable à l'été");
        assert_eq!(decode(&latin).1, "windows-1252");
    }
}
