"""The loop that kept the lists of clients before Dabir: reads two files and a key, writes three files and the key.

    seed_clients.py URL FOLDER AVAILABLE         one turn for each line on standard input; answers each with a line
    seed_clients.py URL FOLDER AVAILABLE loop    a turn every half second, as it ran

AVAILABLE is a JSON file of the names that are available.
"""

import io
import json
import os
import sys
import time

import orjson
import redis

KEY = "Clients_status"


class Loop:
    def __init__(self, url, folder, available):
        self.redis = redis.Redis.from_url(url)
        self.folder = folder
        self.available = available

    def turn(self):
        self.update_paused()
        self.update_blocked()
        self.update_active_and_deactivated()
        self.update_lost()

    def update_paused(self):
        self.set_status(paused_clients=list(set(self.load("pause_clients.json"))))

    def update_blocked(self):
        self.set_status(blocked_clients=list(set(self.load("blocked_clients.json"))))

    def update_active_and_deactivated(self):
        status = self.status()
        active = status.get("active_clients", [])
        blocked = status.get("blocked_clients", [])
        available = self.available_clients()
        deactivated = set(available) - set(active) | set(available) & set(blocked)
        self.save("active_clients.json", active)
        self.save("deactivate_clients.json", list(deactivated))
        self.set_status(deactivate_clients=list(deactivated))

    def update_lost(self):
        self.save("Network_Action.json", self.status().get("connecting_internet_error", []))

    def available_clients(self):
        with open(self.available, "rb") as file:
            return orjson.loads(file.read())

    def status(self):
        return {field.decode(): orjson.loads(text) for field, text in self.redis.hgetall(KEY).items()}

    def set_status(self, **fields):
        self.redis.hset(KEY, mapping={field: orjson.dumps(names) for field, names in fields.items()})

    def load(self, name):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            with open(path, "w") as file:
                json.dump({"clients": []}, file)
        with io.BufferedReader(open(path, "rb")) as file:
            text = file.read()
        return (orjson.loads(text) if text else {"clients": []}).get("clients", [])

    def save(self, name, names):
        with io.BufferedWriter(open(os.path.join(self.folder, name), "wb")) as file:
            file.write(orjson.dumps({"clients": sorted(names)}, option=orjson.OPT_INDENT_2))


def main():
    loop = Loop(*sys.argv[1:4])
    if sys.argv[4:] == ["loop"]:
        while True:
            time.sleep(0.5)
            loop.turn()
    for _ in sys.stdin:
        loop.turn()
        print("done", flush=True)


if __name__ == "__main__":
    main()
