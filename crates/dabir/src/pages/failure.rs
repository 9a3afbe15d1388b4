//! What went wrong, as a page: a person with a browser gets cause, effect and next step in their
//! language; programs get the problem as it is.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use dabir_core::encode::html;
use dabir_http::Problem;
use dabir_http::layers::RequestId;

use super::page::Page;
use super::reader::Reader;

/// What a problem means to a person, in Persian and in English. It is markup.
struct Said {
    cause: [&'static str; 2],
    effect: [&'static str; 2],
    next: [&'static str; 2],
}

/// Who gets a page, and what has to be known to write it.
struct Asker {
    reader: Reader,
    request_id: String,
    /// Nothing was to be changed: the same address can be asked again.
    looked: bool,
}

/// Turns problems into pages for people who look with a browser.
pub(crate) async fn readable(request: Request, next: Next) -> Response {
    let asker = Asker::of(&request);
    let mut response = next.run(request).await;
    if let Some(asker) = asker
        && let Some(problem) = response.extensions_mut().remove::<Problem>()
    {
        asker.page(&problem).replace(&mut response);
    }
    response
}

impl Asker {
    fn of(request: &Request) -> Option<Self> {
        if !is_for_people(request) {
            return None;
        }
        let id = request.extensions().get::<RequestId>();
        Some(Self {
            reader: Reader::of(request.uri(), request.headers()),
            request_id: id.map_or(String::new(), |id| id.0.clone()),
            looked: matches!(*request.method(), Method::GET | Method::HEAD),
        })
    }

    fn page(&self, problem: &Problem) -> Page {
        let reader = self.reader;
        let said = said(problem, self.looked);
        let pick = |[fa, en]: [&'static str; 2]| reader.pick(fa, en);
        let (cause, effect, next) = (pick(said.cause), pick(said.effect), pick(said.next));
        let (shape, word) = if self.looked {
            ("warn", pick(["در دسترس نیست", "Not available"]))
        } else {
            ("bad", pick(["انجام نشد", "Not done"]))
        };
        let body = format!(
            "<section class=\"jadval\"><p><span class=\"st {shape}\"><i></i>{word}</span></p><h1>{cause}</h1><p>{effect}</p><p>{next}</p>{}{}</section>",
            self.way_on(problem),
            self.quotable(problem),
        );
        Page {
            reader,
            title: word,
            // What was sent to this address is not sent again for another language.
            here: if self.looked { "" } else { "/" }.to_owned(),
            body,
        }
    }

    fn way_on(&self, problem: &Problem) -> String {
        let lang = self.reader.kept();
        let again = self.looked && (problem.status >= 500 || problem.code == "meetings.state");
        let (address, words) = if again {
            ("", self.reader.pick("دوباره", "Try again"))
        } else {
            ("/", self.reader.pick("صفحهٔ نخست", "First page"))
        };
        format!("<p><a class=\"btn s\" href=\"{address}{lang}\">{words}</a></p>")
    }

    /// What whoever runs the server wants to hear.
    fn quotable(&self, problem: &Problem) -> String {
        let heading = self
            .reader
            .pick("برای گردانندهٔ سرور", "For whoever runs the server");
        let request = self.reader.pick("شمارهٔ درخواست", "Request");
        format!(
            "<p class=\"muted\">{request} <code>{}</code></p>\
             <details class=\"muted\"><summary>{heading}</summary>\
             <p lang=\"en\" dir=\"ltr\"><code>{}</code> {}</p></details>",
            html(&self.request_id),
            html(&problem.code),
            html(&problem.detail),
        )
    }
}

/// Whether the answer is for somebody to read; everything below `/api/` is for programs.
pub(crate) fn is_for_people(request: &Request) -> bool {
    !request.uri().path().starts_with("/api/") && wants_page(request.headers())
}

/// Whether a browser asks for something to show, and no script or program.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    accept.is_some_and(|kinds| {
        kinds
            .split(',')
            .any(|kind| kind.trim().starts_with("text/html"))
    })
}

/// The cause and the next step, for a page that goes on by itself.
pub(super) fn told(reader: Reader, problem: &Problem) -> (&'static str, &'static str) {
    let said = said(problem, false);
    let pick = |[fa, en]: [&'static str; 2]| reader.pick(fa, en);
    (pick(said.cause), pick(said.next))
}

const NOTHING_CHANGED: [&str; 2] = ["چیزی تغییر نکرد.", "Nothing was changed."];
const LOOK_AGAIN: [&str; 2] = [
    "به صفحهٔ نخست بروید، فهرست را ببینید و اگر لازم است دوباره بخواهید.",
    "Go to the first page, look at the list, and ask again if it is still needed.",
];

/// The words for a problem, by its code; by its status when nobody comes across the code here.
fn said(problem: &Problem, looked: bool) -> Said {
    match problem.code.as_str() {
        "auth.link" => Said {
            cause: [
                "این پیوند پیش‌تر به کار رفته یا کهنه شده است",
                "This link was used already or is too old",
            ],
            effect: [
                "وارد نشدید. هر پیوند یک بار و تا مدتی کوتاه کار می‌کند.",
                "You are not signed in. A link works once, and only for a while.",
            ],
            next: [
                "از مدیر پیوند تازه بخواهید؛ خود مدیر روی سرور <code>dabir admin link</code> را اجرا می‌کند.",
                "Ask an admin for a new one; an admin runs <code>dabir admin link</code> on the server.",
            ],
        },
        "auth.required" | "auth.session" => Said {
            cause: ["وارد نشده‌اید", "You are not signed in"],
            effect: [
                "چیزی تغییر نکرد. نشستی که مدتی به کار نرود به پایان می‌رسد.",
                "Nothing was changed. A session that is not used for a while ends.",
            ],
            next: ["از صفحهٔ نخست وارد شوید.", "Sign in on the first page."],
        },
        "auth.wrong" | "auth.code" | "auth.code_needed" => Said {
            cause: match problem.code.as_str() {
                "auth.wrong" => [
                    "نشانی ایمیل یا گذرواژه درست نیست",
                    "The e-mail address or the password is wrong",
                ],
                "auth.code" => [
                    "کد درست نیست یا پیش‌تر به کار رفته است",
                    "The code is wrong, or was used already",
                ],
                _ => [
                    "این حساب کد دومرحله‌ای هم می‌خواهد",
                    "This account asks for a second-factor code as well",
                ],
            },
            effect: ["وارد نشدید.", "You are not signed in."],
            next: [
                "دوباره بنویسید. اگر گذرواژه را گم کرده‌اید از مدیر پیوندی برای گذرواژهٔ تازه بخواهید.",
                "Try again. If you lost the password, ask an admin for a link to set a new one.",
            ],
        },
        "auth.blocked" => Said {
            cause: ["این حساب بسته شده است", "This account is blocked"],
            effect: ["وارد نشدید.", "You are not signed in."],
            next: ["از مدیر بپرسید.", "Ask an admin."],
        },
        "auth.busy" | "rate.limited" => Said {
            cause: [
                "درخواست‌ها در این لحظه زیاد است",
                "There are too many requests at this moment",
            ],
            effect: NOTHING_CHANGED,
            next: [
                "چند ثانیه صبر کنید و دوباره بیازمایید.",
                "Wait a few seconds and try again.",
            ],
        },
        "accounts.invalid" => Said {
            cause: [
                "نام، نشانی یا گذرواژه پذیرفته نشد",
                "The name, the address or the password is not allowed",
            ],
            effect: [
                "چیزی ذخیره نشد. گذرواژه ۱۰ تا ۲۵۶ بایت دارد، در فهرست گذرواژه‌های رایج نیست و نام یا نشانی شما در آن نیست.",
                "Nothing was saved. A password has 10 to 256 bytes, is not among the common ones, and contains neither your name nor your address.",
            ],
            next: [
                "بازگردید و آن را درست کنید؛ پیوند هنوز کار می‌کند.",
                "Go back and correct it; the link still works.",
            ],
        },
        "users.email_taken" => Said {
            cause: [
                "این نشانی ایمیل حساب دیگری دارد",
                "This e-mail address has another account already",
            ],
            effect: NOTHING_CHANGED,
            next: [
                "بازگردید و نشانی دیگری بنویسید.",
                "Go back and write another address.",
            ],
        },
        "auth.forgery" => Said {
            cause: [
                "این درخواست از صفحهٔ سایت دیگری آمده است",
                "This was sent by a page of another site",
            ],
            effect: NOTHING_CHANGED,
            next: LOOK_AGAIN,
        },
        "auth.forbidden" => Said {
            cause: [
                "نقش شما اجازهٔ این کار را ندارد",
                "Your role may not do this",
            ],
            effect: NOTHING_CHANGED,
            next: [
                "از گردانندهٔ سرور بخواهید آن را انجام دهد یا نقش دیگری به شما بدهد.",
                "Ask whoever runs the server to do it, or for another role.",
            ],
        },
        "meetings.invalid" => Said {
            cause: ["این نام پذیرفته نشد", "This name was not accepted"],
            effect: NOTHING_CHANGED,
            next: [
                "بازگردید و نام دیگری بنویسید: نام جلسه ۱ تا ۲۰۰ نویسه دارد و نام شما ۱ تا ۶۴ نویسه.",
                "Go back and write another: a meeting's name has 1 to 200 characters, yours 1 to 64.",
            ],
        },
        "meetings.not_found" => Said {
            cause: ["چنین جلسه‌ای نیست", "There is no such meeting"],
            effect: [
                "شاید نشانی درست نباشد یا جلسه را پاک کرده باشند.",
                "The address may be wrong, or the meeting was removed.",
            ],
            next: [
                "نشانی را از کسی که آن را فرستاده دوباره بگیرید.",
                "Ask whoever sent you the address for it again.",
            ],
        },
        "meetings.state" if looked => Said {
            cause: ["این جلسه اکنون برگزار نمی‌شود", "This meeting is not on now"],
            effect: [
                "اتاقش باز نیست: هنوز آغاز نشده یا به پایان رسیده است.",
                "Its room is not open: it has not begun yet, or it is over.",
            ],
            next: [
                "هنگام آغاز دوباره بیایید، یا از برگزارکننده بپرسید.",
                "Come back when it begins, or ask the organiser.",
            ],
        },
        "meetings.state" => Said {
            cause: [
                "وضع جلسه دیگر آن نیست که صفحه نشان می‌داد",
                "The meeting is no longer as the page showed it",
            ],
            effect: NOTHING_CHANGED,
            next: LOOK_AGAIN,
        },
        "meetings.elsewhere" => Said {
            cause: [
                "این جلسه در نشانی دیگری از همین سامانه باز است",
                "This meeting is open at the house's other address",
            ],
            effect: [
                "از این نشانی نمی‌توان به آن پیوست.",
                "This address does not lead into it.",
            ],
            next: [
                "آن نشانی را از برگزارکننده بگیرید.",
                "Ask the organiser for that address.",
            ],
        },
        "rooms.silent" => Said {
            cause: [
                "اتاق جلسه اکنون پاسخ نمی‌دهد",
                "The meeting's room does not answer at the moment",
            ],
            effect: [
                "آنچه در آن گفته شده سر جایش است.",
                "What was said in it is kept.",
            ],
            next: ["چند لحظه دیگر دوباره بیایید.", "Try again in a moment."],
        },
        "request.path" | "request.method" => Said {
            cause: [
                "در این نشانی صفحه‌ای نیست",
                "There is no page at this address",
            ],
            effect: ["چیزی برای نشان دادن نیست.", "There is nothing to show."],
            next: [
                "نشانی را بررسی کنید یا به صفحهٔ نخست بروید.",
                "Check the address, or go to the first page.",
            ],
        },
        _ if problem.status >= 500 => Said {
            cause: ["خطایی در سرور رخ داد", "Something went wrong in the server"],
            effect: [
                "شاید آنچه خواستید انجام نشده باشد.",
                "What you asked for may not have been done.",
            ],
            next: [
                "دوباره بیازمایید؛ اگر باز هم نشد، شمارهٔ زیر را به گردانندهٔ سرور بدهید: علت با همین شماره در گزارش سرور است.",
                "Try again. If it does not help, give the number below to whoever runs the server: its log has the cause under it.",
            ],
        },
        _ => Said {
            cause: ["این درخواست پذیرفته نشد", "The request was not accepted"],
            effect: NOTHING_CHANGED,
            next: LOOK_AGAIN,
        },
    }
}

#[cfg(test)]
mod tests {
    use dabir_room::page::Lang;

    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_do_not() {
        let wants = |accept: Option<&str>| {
            let accept = accept.map(|kinds| (header::ACCEPT, kinds.parse().unwrap()));
            wants_page(&accept.into_iter().collect())
        };
        assert!(wants(Some(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        )));
        for program in [None, Some("*/*"), Some("application/json")] {
            assert!(!wants(program), "{program:?}");
        }
    }

    #[test]
    fn what_a_problem_says_is_text_and_every_page_can_be_quoted() {
        let mut problem = Problem::bad_request("request.body", "<img src=x>");
        for code in ["request.body", "auth.link", "meetings.state", "internal"] {
            code.clone_into(&mut problem.code);
            for lang in [Lang::Fa, Lang::En] {
                let asker = Asker {
                    reader: Reader { lang, asked: false },
                    request_id: "k3v9m2q8xw4t".to_owned(),
                    looked: false,
                };
                let page = asker.page(&problem);
                assert!(!page.body.contains("<img"), "{}", page.body);
                assert!(page.body.contains("k3v9m2q8xw4t"), "{}", page.body);
            }
        }
    }
}
