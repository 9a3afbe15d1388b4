"""A careful loop in Python: asks for a page, writes its rows over those with the same key, commits.

    loop_sync.py pages ADDRESS ROWS FOLDER [URL]    URL: postgresql://…, else SQLite in FOLDER

Prints what dlt_sync.py prints.
"""

import resource
import sqlite3
import sys
import time
from pathlib import Path

import psycopg2
import psycopg2.extras
import requests

PAGE = 1_000
ADDRESS, ROWS, FOLDER = sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
URL = sys.argv[5] if len(sys.argv) > 5 else None


def pages():
    with requests.Session() as session:
        for number in range(1, -(-ROWS // PAGE) + 1):
            body = {
                "codePardis": "1100", "term": "4001", "Filter": {}, "paging": {"pageNumber": number, "pageSize": PAGE},
            }
            answer = session.post(f"http://{ADDRESS}/API/Golestan/Students_2", json=body)
            yield answer.json()["data"]


def connect():
    if URL:
        return psycopg2.connect(URL)
    connection = sqlite3.connect(FOLDER / "students.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def upsert(columns, values):
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    return (
        f"INSERT INTO students ({', '.join(columns)}) VALUES {values} "
        f"ON CONFLICT ({columns[0]}) DO UPDATE SET {sets}"
    )


def write(connection, cursor, rows):
    columns = list(rows[0])
    values = [tuple(row.values()) for row in rows]
    if URL:
        psycopg2.extras.execute_values(cursor, upsert(columns, "%s"), values, page_size=PAGE)
    else:
        cursor.executemany(upsert(columns, f"({', '.join('?' * len(columns))})"), values)
    connection.commit()


def peak_mib():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmHWM line")


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    connection = connect()
    cursor = connection.cursor()
    used, began = cpu(), time.perf_counter()
    for number, rows in enumerate(pages()):
        if number == 0:
            names = ", ".join(f"{name} TEXT" for name in rows[0])
            cursor.execute(f"CREATE TABLE IF NOT EXISTS students ({names}, PRIMARY KEY (studentnum))")
        write(connection, cursor, rows)
    took, used, peak = time.perf_counter() - began, cpu() - used, peak_mib()
    cursor.execute("SELECT COUNT(*), COUNT(DISTINCT studentnum) FROM students")
    rows, keys = cursor.fetchone()
    print(f"seconds {took:.3f}\nrate {rows / took:.0f} rows/s\ncpu {used / rows * 1e6:.2f} us/row\npeak {peak:.1f} MiB")
    print(f"left 0\nthere {rows}\nkeys {keys}")


if __name__ == "__main__":
    main()
