//! Text of others' for a terminal: nothing in it moves the cursor or turns the line around, and it has the width that it seems to have.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Most characters of a text that are looked at: no terminal shows more of it.
const MOST: usize = 512;
/// Most marks on a character: what a script needs, and no tower of them.
const MARKS: usize = 2;
/// What stands for a character that is not shown.
const REPLACED: char = '\u{fffd}';

/// Characters besides control characters that do something other than to be seen: they join, turn around, select or hide.
const UNSEEN: [(char, char); 23] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110cd}'),
    ('\u{13430}', '\u{1345f}'),
    ('\u{1bca0}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// The text with a visible sign for each character that a terminal would obey.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    let mut marks = MARKS;
    for c in text.chars().take(MOST) {
        let unseen = c.is_control()
            || UNSEEN
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&c));
        let c = if unseen { REPLACED } else { c };
        match c.width() {
            Some(0) if marks == MARKS => continue,
            Some(0) => marks += 1,
            _ => marks = 0,
        }
        cleaned.push(c);
    }
    cleaned
}

/// The clean text, in so many columns at most; an ellipsis stands for what did not fit.
pub fn cut(text: &str, width: usize) -> String {
    let mut text = clean(text);
    if text.width() <= width {
        return text;
    }
    let mut kept = String::new();
    let Some(room) = width.checked_sub(1) else {
        return kept;
    };
    for c in text.drain(..) {
        kept.push(c);
        if kept.width() > room {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use pillion_test_support::Random;

    #[test]
    fn what_a_terminal_would_obey_is_replaced() {
        assert_eq!(clean("python train.py"), "python train.py");
        assert_eq!(clean("\x1b[2J\x07a\r\nb\u{9b}31m"), "�[2J�a��b�31m");
        assert_eq!(clean("a\u{202e}b\u{2066}c\u{200f}d\u{feff}"), "a�b�c�d�");
        assert_eq!(clean("Żółć 模型 हिन्दी"), "Żółć 模型 हिन्दी");
    }

    #[test]
    fn marks_do_not_pile_up() {
        let tower = format!("e{}x", "\u{301}".repeat(100));
        assert_eq!(clean(&tower), "e\u{301}\u{301}x");
        // Nor do they sit on what is left of the text.
        assert_eq!(clean("\u{301}x"), "x");
    }

    #[test]
    fn text_is_cut_by_its_width() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 5), "abcd…");
        assert_eq!(cut("模型训练", 8), "模型训练");
        assert_eq!(cut("模型训练", 7), "模型训…");
        assert_eq!(cut("模型训练", 6), "模型…");
        assert_eq!(cut("模型", 1), "…");
        assert_eq!(cut("模型", 0), "");
    }

    #[test]
    fn nothing_is_wider_than_its_place() {
        let mut random = Random::new();
        for _ in 0..5000 {
            let length = random.below(40);
            let text: String = (0..length)
                .filter_map(|_| {
                    let end = [0x80, 0x700, 0x3000, 0x2_0000, 0x11_0000][random.below(5)];
                    char::from_u32(random.below(end) as u32)
                })
                .collect();
            let width = random.below(30);
            let cut = cut(&text, width);
            assert!(cut.width() <= width, "{text:?} in {width}: {cut:?}");
            assert!(!cut.contains(char::is_control), "{text:?}");
        }
    }
}
