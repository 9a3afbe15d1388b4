//! What a reader may no longer do. Alone in its executable: what is given up is not had back.

use std::fs::File;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;

use dabir_extract::confine;

#[test]
fn a_reader_has_no_files_no_network_and_no_other_programs() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    assert!(TcpStream::connect(address).is_ok());
    let holds = confine::all().unwrap();
    for layer in ["rlimits", "no_new_privs", "seccomp"] {
        assert!(holds.iter().any(|one| one == layer), "{layer}: {holds:?}");
    }
    assert!(TcpStream::connect(address).is_err());
    assert!(UdpSocket::bind("127.0.0.1:0").is_err());
    assert!(UnixStream::pair().is_err());
    assert!(Command::new("/bin/true").status().is_err());
    assert!(std::thread::Builder::new().spawn(|| ()).is_err());
    if holds.iter().any(|one| one.starts_with("landlock")) {
        assert!(File::open("/etc/passwd").is_err());
        assert!(File::create("/tmp/dabir-confined").is_err());
    }
    let mut much = Vec::<u8>::new();
    assert!(much.try_reserve(2 << 30).is_err());
}
