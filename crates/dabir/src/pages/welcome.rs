//! What participants and writers find in the house: nothing to run, and a word on how to come into
//! meetings.

use dabir_core::encode::html;

use super::page::Page;
use super::reader::Reader;

/// The page of somebody who has no part in running the house.
pub(crate) fn welcome(reader: Reader, name: &str) -> Page {
    let hello = reader.pick("خوش آمدید،", "Welcome,");
    let how = reader.pick(
        "وارد شده‌اید. برای آمدن به جلسه، پیوندی را که برایتان فرستاده‌اند باز کنید.",
        "You are signed in. To come into a meeting, open the link that you were sent.",
    );
    let missing = reader.pick(
        "اگر باید جلسه‌ها را بگردانید و اینجا چیزی نمی‌بینید، از مدیر بخواهید نقش دیگری به شما بدهد.",
        "If you are to run meetings and see nothing here, ask an admin for another role.",
    );
    let leave = reader.pick("خروج", "Sign out");
    let body = format!(
        "<section class=\"jadval\"><h1>{hello} <bdi>{}</bdi></h1><p>{how}</p><p class=\"muted\">{missing}</p></section>\
         <form method=\"post\" action=\"/sign-out{}\"><button class=\"btn s\">{leave}</button></form>",
        html(name),
        reader.kept(),
    );
    Page {
        reader,
        title: "",
        here: String::new(),
        body,
    }
}
