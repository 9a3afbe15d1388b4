"""Counts what the list was asked, so that a test can tell a cheap answer from an expensive one."""

import threading
from collections import Counter

counts = Counter()
lock = threading.Lock()


class Counting:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            with lock:
                counts["requests"] += 1
                counts[str(response.status_code)] += 1
        return response
