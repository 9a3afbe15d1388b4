//! Plain text and tables in plain text.

use crate::encoding::decode;
use crate::findings::{Findings, Stop};
use crate::input::Input;
use crate::model::{Code, Refusal};

/// So much of a file of text is read, in bytes.
pub(crate) const MAX_READ: u64 = 32 << 20;

pub(crate) fn read(input: &Input, found: &mut Findings) -> Result<(), Stop> {
    let text = whole(input, found)?;
    found.text(&text)
}

/// The text of the file, as far as it is read.
pub(crate) fn whole(input: &Input, found: &mut Findings) -> Result<String, Refusal> {
    let (bytes, is_all) = input.beginning(MAX_READ)?;
    let (text, encoding) = decode(&bytes);
    found.about.truncated = !is_all;
    found.about.encoding = Some(encoding.to_owned());
    let text = text.replace("\r\n", "\n");
    Ok(text.replace('\r', "\n"))
}

/// One line a row, a tab between two fields.
pub(crate) fn read_csv(input: &Input, found: &mut Findings) -> Result<(), Stop> {
    let text = whole(input, found)?;
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text));
    for row in reader.from_reader(text.as_bytes()).records() {
        let row = row.map_err(|error| Refusal::new(Code::Damaged, error.to_string()))?;
        for (number, field) in row.iter().enumerate() {
            if number > 0 {
                found.text("\t")?;
            }
            found.text(field)?;
        }
        found.text("\n")?;
    }
    Ok(())
}

/// Whichever stands most often in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or("");
    let count = |c: u8| first.bytes().filter(|b| *b == c).count();
    let marks = [b',', b';', b'\t'];
    marks
        .into_iter()
        .max_by_key(|c| (count(*c), *c == b','))
        .unwrap_or(b',')
}
