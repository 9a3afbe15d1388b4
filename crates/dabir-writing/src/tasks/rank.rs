//! Places on a board: texts whose order, byte by byte, is that of the cards.
//!
//! There is always a place between two others, so that a move changes the card that moves and no
//! other. A new end is a step beyond the last one; only places between neighbours get longer.

/// Digits in the order of their bytes.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// How many digits a place has before its fraction.
const WHOLE: usize = 8;
/// How far the ends of a column are from their neighbours: room for some moves without a fraction.
const STEP: u64 = 36 * 36 * 36;
/// The place of the first card: there is as much room before as after it.
const MIDDLE: u64 = 36_u64.pow(WHOLE as u32) / 2;
/// Places longer than this ask for their column to be spread anew.
pub(crate) const LONG: usize = 40;

/// A place after `last`, which is the end of the column; `None` for one without cards.
pub(crate) fn after(last: Option<&str>) -> String {
    let Some(last) = last else {
        return whole(MIDDLE);
    };
    match number(last) + STEP {
        next if next < 2 * MIDDLE => whole(next),
        _ => between(last, None),
    }
}

/// A place before `first`, which is the beginning of the column.
pub(crate) fn before(first: &str) -> String {
    match number(first).checked_sub(STEP) {
        Some(number) if number > 0 => whole(number),
        _ => between("", Some(first)),
    }
}

/// A place after `low` and before `high`, the shortest one in their middle; the end of all places is
/// `None`. Neither ends with the digit 0, and `low` comes first.
pub(crate) fn between(low: &str, high: Option<&str>) -> String {
    let mut place = String::new();
    let (mut low, mut high) = (low.bytes(), high.map(str::bytes));
    loop {
        let from = low.next().map_or(0, value);
        let until = high.as_mut().and_then(Iterator::next);
        let until = until.map_or(DIGITS.len(), value);
        let middle = usize::midpoint(from, until.max(from));
        if middle > from {
            place.push(digit(middle));
            return place;
        }
        place.push(digit(from));
        // Below `high` from here on: whatever follows is before it.
        if until > from {
            high = None;
        }
    }
}

/// Places of `count` cards in a column that is spread anew.
pub(crate) fn spread(count: usize) -> impl Iterator<Item = String> {
    let half = count as u64 / 2;
    (0..count as u64).map(move |at| whole(MIDDLE - half * STEP + at * STEP))
}

/// Ends with a digit that is not 0, as every place does.
fn whole(number: u64) -> String {
    let mut digits = [b'0'; WHOLE];
    let mut left = number;
    for place in digits.iter_mut().rev() {
        *place = DIGITS[(left % 36) as usize];
        left /= 36;
    }
    let mut place: String = digits.into_iter().map(char::from).collect();
    if place.ends_with('0') {
        place.push('i');
    }
    place
}

/// What stands before the fraction.
fn number(place: &str) -> u64 {
    let digits = place.bytes().chain(std::iter::repeat(DIGITS[0]));
    digits
        .take(WHOLE)
        .fold(0, |number, digit| number * 36 + value(digit) as u64)
}

fn digit(value: usize) -> char {
    char::from(DIGITS[value.min(DIGITS.len() - 1)])
}

/// Of a byte that no place has, which only a damaged row can hold: the last digit's.
fn value(byte: u8) -> usize {
    DIGITS
        .iter()
        .position(|digit| *digit == byte)
        .unwrap_or(DIGITS.len() - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ends_are_steps_away_and_stay_short() {
        let mut column = vec![after(None)];
        for _ in 0..10_000 {
            column.push(after(column.last().map(String::as_str)));
            column.insert(0, before(&column[0]));
        }
        assert!(column.is_sorted() && column.iter().all(|place| place.len() <= WHOLE + 1));
        let spread: Vec<String> = spread(20_001).collect();
        assert!(spread.is_sorted() && spread.iter().all(|place| place.len() <= WHOLE + 1));
    }

    #[test]
    fn at_the_ends_of_all_places_there_is_one_more() {
        let last = "z".repeat(WHOLE);
        assert!(after(Some(&last)) > last);
        let place = before("00000001");
        assert!(place.as_str() < "00000001" && !place.is_empty());
    }

    proptest! {
        #[test]
        fn there_is_a_place_between_any_two(picks in prop::collection::vec(any::<prop::sample::Index>(), 1..400)) {
            let mut column = vec![after(None)];
            for pick in picks {
                let at = pick.index(column.len() + 1);
                let place = match (at.checked_sub(1), column.get(at)) {
                    (None, Some(first)) => before(first),
                    (Some(last), None) => after(Some(&column[last])),
                    (Some(low), Some(high)) => between(&column[low], Some(high)),
                    (None, None) => after(None),
                };
                column.insert(at, place);
            }
            prop_assert!(column.is_sorted_by(|a, b| a < b), "{column:?}");
            prop_assert!(column.iter().all(|place| !place.ends_with('0')));
        }
    }
}
