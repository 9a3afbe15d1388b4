"""dlt: brings a table to what the gateway says, once.

    dlt_sync.py pages ADDRESS ROWS FOLDER [URL]     one long list; URL: postgresql://…, else SQLite in FOLDER
    dlt_sync.py cells ADDRESS CAMPUSES TERMS FOLDER many short ones from a slow gateway
    DLT_TUNED=1                                     as its page on performance says, and in two processes;
                                                    the cells in four threads

Prints seconds, rows a second, CPU microseconds a row, peak MiB of this process, MiB that are left beside the
database, and how many rows and keys the table has.
"""

import os
import resource
import sys
import time
from pathlib import Path

TUNED = os.environ.get("DLT_TUNED") == "1"
MODE, ADDRESS = sys.argv[1:3]
FOLDER = Path(sys.argv[-2] if sys.argv[-1].startswith("postgresql:") else sys.argv[-1])
URL = sys.argv[-1] if sys.argv[-1].startswith("postgresql:") else None
SETTINGS = {
    "DLT_DATA_DIR": str(FOLDER / "dlt"),
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
}
TUNING = {
    # Two processes normalize only when there is more than one file.
    "NORMALIZE__WORKERS": "2",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
    "DATA_WRITER__FILE_MAX_ITEMS": "50000",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
    "EXTRACT__WORKERS": "4",
}
os.environ.update(SETTINGS | (TUNING if TUNED else {}))

import dlt  # noqa: E402: it reads its settings while it is imported
from dlt.sources.helpers import requests  # noqa: E402

PAGE = 1_000


def page(campus, term, number):
    body = {
        "codePardis": campus, "term": term, "Filter": {}, "paging": {"pageNumber": number, "pageSize": PAGE},
    }
    return requests.post(f"http://{ADDRESS}/API/Golestan/Students_2", json=body).json()["data"]


def students(rows):
    for number in range(1, -(-rows // PAGE) + 1):
        yield page("1100", "4001", number)


def cells(campuses, terms):
    for campus in range(campuses):
        for term in range(terms):
            yield {"campus": f"{1100 + campus}", "term": f"{4001 + term}"}


def cell(asked):
    return page(asked["campus"], asked["term"], 1)


def keyed(**more):
    """A table that is kept in step by its key, in the quickest way that the database allows."""
    merge = {"disposition": "merge", "strategy": "upsert"} if URL and TUNED else "merge"
    return {"name": "students", "primary_key": "studentnum", "write_disposition": merge, "max_table_nesting": 0} | more


def resource_of(words):
    if MODE == "pages":
        return dlt.resource(students, **keyed())(int(words[0]))
    asked = dlt.resource(cells, name="cells", selected=False)(int(words[0]), int(words[1]))
    return asked | dlt.transformer(cell, **keyed(parallelized=TUNED))


def destination():
    if URL:
        return dlt.destinations.postgres(URL.replace("@", ":none@"))
    return dlt.destinations.sqlalchemy(f"sqlite:///{FOLDER}/students.db", create_primary_keys=True)


def cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mib():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmHWM line")


def left_mib():
    files = [path for path in (FOLDER / "dlt").rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1024**2


def main():
    pipeline = dlt.pipeline("bench", destination=destination(), dataset_name="bench")
    file_format = "csv" if URL and TUNED else None
    data = resource_of(sys.argv[3:])
    used, began = cpu(), time.perf_counter()
    pipeline.run(data, loader_file_format=file_format)
    took, used, peak = time.perf_counter() - began, cpu() - used, peak_mib()
    with pipeline.sql_client() as client:
        rows, keys = client.execute_sql("SELECT COUNT(*), COUNT(DISTINCT studentnum) FROM students")[0]
    print(f"seconds {took:.3f}\nrate {rows / took:.0f} rows/s\ncpu {used / rows * 1e6:.2f} us/row\npeak {peak:.1f} MiB")
    print(f"left {left_mib():.1f} MiB\nthere {rows}\nkeys {keys}")


if __name__ == "__main__":
    main()
