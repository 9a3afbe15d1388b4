//! Documents to begin with.

use dabir_prose::templates::{Known, Language, Template};
use dabir_prose::{Dir, clean, dir, text};

#[test]
fn every_template_is_a_clean_document_in_its_direction() {
    for template in Template::ALL {
        assert_eq!(Template::parse(template.name()), Some(template));
        for (language, reads) in [(Language::Fa, Dir::Rtl), (Language::En, Dir::Ltr)] {
            let doc = template.document(language, &Known::default()).unwrap();
            assert_eq!(clean(&doc.to_json()).unwrap(), doc);
            assert_eq!(dir::of_document(&doc, Dir::Ltr), reads);
            assert!(!text::plain(&doc).contains(['{', '}']));
        }
    }
}

#[test]
fn what_is_known_is_filled_in_as_it_is() {
    let known = Known {
        title: Some("شورای {date} *آموزشی*".to_owned()),
        people: vec!["علی".to_owned(), "مریم".to_owned()],
        ..Known::default()
    };
    let doc = Template::Minutes.document(Language::Fa, &known).unwrap();
    let text = text::plain(&doc);
    assert!(
        text.starts_with("صورت‌جلسهٔ شورای {date} *آموزشی*\nزمان: …\nحاضران: علی، مریم\n"),
        "{text}"
    );
}
