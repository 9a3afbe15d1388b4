"""Celery on Redis: drains no-ops, or tells how long each job of an open loop waited.

    celery_jobs.py PORT drain JOBS        prints jobs a second and CPU microseconds a job
    celery_jobs.py PORT latency RATE SECONDS
    CELERY_LATE=1                         at least once: late acknowledgement, no prefetch, results kept
"""

import os
import subprocess
import sys
import time

import redis
from celery import Celery

PORT = os.environ.get("CELERY_REDIS_PORT") or sys.argv[1]
BROKER = f"redis://127.0.0.1:{PORT}/0"
CLIENT = redis.Redis(port=int(PORT))
LATE = os.environ.get("CELERY_LATE") == "1"

app = Celery("jobs", broker=BROKER, backend=BROKER if LATE else None)
app.conf.task_ignore_result = not LATE
if LATE:
    app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1)


@app.task(name="nothing")
def nothing():
    return None


@app.task(name="stamp")
def stamp(asked):
    waited = time.time() - asked
    CLIENT.rpush("waits", waited)


def cpu(pid):
    """CPU seconds of a process with its children, dead or alive."""
    total = 0
    for child in subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split():
        total += cpu(child)
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return total + sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def worker():
    command = [sys.executable, "-m", "celery", "-A", "celery_jobs", "worker", "-c", "2", "-P", "prefork", "-l", "ERROR"]
    environment = {**os.environ, "CELERY_REDIS_PORT": PORT}
    here = os.path.dirname(os.path.abspath(__file__))
    return subprocess.Popen(command, cwd=here, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def drain(count):
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(count):
            nothing.apply_async(producer=producer)
    server = CLIENT.info("server")["process_id"]
    working = worker()
    while CLIENT.llen("celery") == count:
        time.sleep(0.001)
    began, used = time.perf_counter(), cpu(working.pid) + cpu(server)
    while CLIENT.llen("celery") + CLIENT.hlen("unacked"):
        time.sleep(0.001)
    took = time.perf_counter() - began
    used = cpu(working.pid) + cpu(server) - used
    working.terminate()
    working.wait()
    print(f"done {count / took:.0f} jobs/s")
    print(f"cpu {used / count * 1e6:.2f} us/job")


def latency(rate, seconds):
    working = worker()
    nothing.apply_async()
    while CLIENT.llen("celery") + CLIENT.hlen("unacked"):
        time.sleep(0.01)
    zero = time.time()
    for n in range(rate * seconds):
        time.sleep(max(0, zero + n / rate - time.time()))
        stamp.apply_async((time.time(),))
    while CLIENT.llen("waits") < rate * seconds:
        time.sleep(0.01)
    waits = sorted(float(wait) for wait in CLIENT.lrange("waits", 0, -1))
    working.terminate()
    working.wait()
    print(f"p50 {waits[len(waits) // 2] * 1e3:.2f} ms")
    print(f"p99 {waits[int((len(waits) - 1) * 0.99)] * 1e3:.2f} ms")


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[3:]]
    {"drain": drain, "latency": latency}[sys.argv[2]](*words)
