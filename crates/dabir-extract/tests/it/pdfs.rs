//! PDFs in Persian and English.

use dabir_testing::hostile::pdf::page;

use crate::helper::read;

#[test]
fn a_persian_pdf_is_read_in_the_order_in_which_it_is_read() {
    let drawn: String = "این گزارش برای سال است".chars().rev().collect();
    let said = read("pdf", &page(&drawn, "/Title(Report)/Author(Sara)"));
    assert!(said.is_done, "{said:?}");
    assert_eq!(said.text().trim(), "این گزارش برای سال است");
    assert_eq!(said.about.title.as_deref(), Some("Report"));
    assert_eq!(said.about.author.as_deref(), Some("Sara"));
    assert_eq!(said.about.pages, Some(1));
    assert_eq!(said.about.order_confidence, Some(1.0));
    let shapes: String = "ﺍﯾﻦ ﮔﺰﺍﺭﺵ ﺑﺮﺍﯼ ﺳﺎﻝ ﺍﺳﺖ".chars().rev().collect();
    let said = read("pdf", &page(&shapes, ""));
    assert_eq!(said.text().trim(), "این گزارش برای سال است");
}

#[test]
fn a_pdf_in_english_is_read_as_it_is() {
    let said = read("pdf", &page("See https://a.example/x today", ""));
    assert_eq!(said.text().trim(), "See https://a.example/x today");
    assert_eq!(said.links, ["https://a.example/x"]);
}
