//! The fonts that the executable carries.

use std::sync::Arc;

use krilla::text::Font;
use parley::fontique::{Blob, Collection, CollectionOptions, SourceCache};
use parley::{FontContext, FontData, FontFamily, FontFamilyName};

use crate::ProseError;

/// Persian and Latin; code, and signs that the first does not have.
const FACES: [&[u8]; 3] = [
    include_bytes!("../../fonts/Vazirmatn-Regular.ttf"),
    include_bytes!("../../fonts/Vazirmatn-Bold.ttf"),
    include_bytes!("../../fonts/JetBrainsMono-Regular.ttf"),
];
const TEXT: FontFamilyName<'static> = FontFamilyName::named("Vazirmatn");
const CODE: FontFamilyName<'static> = FontFamilyName::named("JetBrains Mono");

const TEXT_FIRST: &[FontFamilyName<'static>] = &[TEXT, CODE];
const CODE_FIRST: &[FontFamilyName<'static>] = &[CODE, TEXT];

/// Which fonts words are set in, the first that has a letter first.
pub(super) fn family(mono: bool) -> FontFamily<'static> {
    let fonts = if mono { CODE_FIRST } else { TEXT_FIRST };
    FontFamily::List(fonts.into())
}

/// The fonts as the layout wants them, and nothing of what the machine has installed.
pub(super) struct Fonts {
    pub(super) context: FontContext,
    ids: Vec<u64>,
    /// The glyphs of U+200C and U+FEFF in each, which show nothing.
    silent: Vec<[Option<u32>; 2]>,
}

impl Fonts {
    pub(super) fn new() -> Self {
        let mut collection = Collection::new(CollectionOptions {
            system_fonts: false,
            ..CollectionOptions::default()
        });
        let mut ids = Vec::new();
        let mut silent = Vec::new();
        for face in FACES {
            let blob = Blob::new(Arc::new(face));
            ids.push(blob.id());
            let families = collection.register_fonts(blob, None);
            let font = families.first().and_then(|(_, fonts)| fonts.first());
            let charmap = font.and_then(|font| font.charmap_index().charmap(face));
            let glyph = |c: char| charmap.as_ref()?.map(c);
            silent.push(['\u{200c}', '\u{feff}'].map(glyph));
        }
        let context = FontContext {
            collection,
            source_cache: SourceCache::default(),
        };
        Self {
            context,
            ids,
            silent,
        }
    }

    /// Which of the faces a run is set in.
    pub(super) fn face(&self, font: &FontData) -> usize {
        let id = font.data.id();
        self.ids.iter().position(|known| *known == id).unwrap_or(0)
    }

    /// A glyph of `face` that shows nothing, to stand for `c`.
    pub(super) fn silent(&self, face: usize, c: char) -> Option<u32> {
        let [joiner, other] = self.silent.get(face)?;
        joiner.filter(|_| c == '\u{200c}').or(*other)
    }
}

/// The fonts as the file wants them.
pub(super) fn embedded() -> Result<Vec<Font>, ProseError> {
    let fonts = FACES.map(|face| Font::new(face.into(), 0));
    fonts
        .into_iter()
        .collect::<Option<_>>()
        .ok_or(ProseError::NotPrinted)
}
