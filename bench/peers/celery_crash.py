"""Celery jobs whose worker is killed, at least once: late acknowledgement, no prefetch.

    celery_crash.py PORT make JOBS
    celery_crash.py PORT hold|quick LINES   works for ever; `hold` ends no job. A line for each job that is begun:
                                            its number, and the seconds since 1970
    CELERY_VISIBILITY=15                    seconds after which a message that nobody acknowledged comes again; 3,600
                                            when it is not set
"""

import os
import sys
import time

from celery import Celery

SLOTS = 8
PORT, MODE, WHAT = os.environ.get("CELERY_CRASH", " ".join(sys.argv[1:4])).split(" ", 2)
app = Celery("crash", broker=f"redis://127.0.0.1:{PORT}/0", backend=f"redis://127.0.0.1:{PORT}/0")
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1)
if seconds := os.environ.get("CELERY_VISIBILITY"):
    app.conf.broker_transport_options = {"visibility_timeout": int(seconds)}


@app.task(name="number")
def number(n):
    with open(WHAT, "a") as lines:
        lines.write(f"{n} {time.time():.3f}\n")
    if MODE == "hold":
        time.sleep(3_600)


def main():
    if MODE == "make":
        for n in range(int(WHAT)):
            number.delay(n)
        return
    os.environ["CELERY_CRASH"] = f"{PORT} {MODE} {WHAT}"
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    words = ["-m", "celery", "-A", "celery_crash", "worker", "-c", str(SLOTS), "-l", "ERROR", "-n", f"{MODE}@bench"]
    os.execv(sys.executable, [sys.executable, *words])


if __name__ == "__main__":
    main()
