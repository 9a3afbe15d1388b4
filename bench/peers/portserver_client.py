"""Asks a portserver for ports in a closed loop: `portserver_client.py ADDRESS SECONDS` prints how many it got.

The server takes ports back only from processes that have ended, so its pool must last for the whole loop.
"""

import os
import sys
import time

import portpicker

address, seconds = sys.argv[1], float(sys.argv[2])
end = time.monotonic() + seconds
picks = 0
while time.monotonic() < end:
    if portpicker.get_port_from_port_server(address, pid=os.getpid()) is None:
        sys.exit("the portserver has no port left")
    picks += 1
print(picks)
