"""A meeting server as small installations write it: `python mini_server.py 8081`.

It answers GET requests on its port and prints what it does. The switches give it the bad manners that a
supervisor has to live with; they can also stand in MINI_SERVER_MANNERS, separated by spaces.
"""

import argparse
import http.server
import os
import signal
import subprocess
import sys
import threading


def log(text):
    print(f"mini_server: {text}", flush=True)


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--ignore-sigterm", action="store_true", help="end only by SIGKILL")
    parser.add_argument("--never-ready", action="store_true", help="live, but never listen")
    parser.add_argument("--exit-at-once", type=int, metavar="CODE", help="exit with CODE before listening")
    parser.add_argument("--crash-after-seconds", type=float, metavar="N", help="exit with 70 after N seconds")
    parser.add_argument("--crash-after-requests", type=int, metavar="N", help="exit with 70 after N answers")
    parser.add_argument("--grandchildren", type=int, default=0, metavar="N", help="start N processes that sleep")
    parser.add_argument("--noise", type=int, default=0, metavar="N", help="print N long lines at the start")
    return parser.parse_args(sys.argv[1:] + os.environ.get("MINI_SERVER_MANNERS", "").split())


def crash():
    log("crashing as told")
    os._exit(70)


class Handler(http.server.BaseHTTPRequestHandler):
    answers = 0
    answers_lock = threading.Lock()
    crash_after = None

    def do_GET(self):
        body = f"meeting on port {self.server.server_port}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        with Handler.answers_lock:
            Handler.answers += 1
            if Handler.answers == Handler.crash_after:
                crash()

    def log_message(self, format, *args):
        log(format % args)


def take_bad_manners(args):
    if args.ignore_sigterm:
        signal.signal(signal.SIGTERM, lambda *_: log("SIGTERM ignored"))
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for number in range(args.noise):
        log(f"noise {number} " + "x" * 1000)
    for _ in range(args.grandchildren):
        child = subprocess.Popen(["sleep", "3600"])
        log(f"grandchild {child.pid}")
    if args.exit_at_once is not None:
        log("leaving at once as told")
        sys.exit(args.exit_at_once)
    if args.crash_after_seconds is not None:
        threading.Timer(args.crash_after_seconds, crash).start()
    if args.never_ready:
        log("never ready as told")
        while True:
            signal.pause()


def main():
    args = parse_args()
    take_bad_manners(args)
    Handler.crash_after = args.crash_after_requests
    with http.server.ThreadingHTTPServer((args.host, args.port), Handler) as server:
        log(f"listening on port {server.server_port}")
        server.serve_forever()


if __name__ == "__main__":
    main()
